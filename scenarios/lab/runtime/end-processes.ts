import { LabError } from '../errors.ts'
import { pause } from '../until.ts'
import { isAlive, type ProcessId } from './proc.mjs'
import { gone, isInState, isPaused, processesOf, signalAll, treeOf } from './processes.ts'
import type { PartRecord } from './state.ts'
import type { Seen } from './verbs.ts'

/** How the processes of one part are ended and frozen, and what was seen of it. */

/** Then a stopping part is killed; longer than a worker's longest drain. Milliseconds. */
const STOP_WITHIN_MS = 20_000
/** The kernel freezes and thaws at once, a busy machine included. Milliseconds. */
const FROZEN_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 5

/** Everything that runs for a part. */
export const treesOf = (record: PartRecord): ProcessId[] => record.processes.flatMap(treeOf)

/** Helpers outlive their part on purpose: RabbitMQ's port mapper. */
const mayGo = (record: PartRecord, tree: ProcessId[]) => tree.filter(id => !record.processes.slice(1).some(helper => helper.pid === id.pid))

const lives = ({ processes: [main] }: PartRecord) => main !== undefined && isAlive(main)

/** Asks the main process to end, kills it after a timeout. Resolves when all is gone, or stuck. */
export async function stopProcesses(record: PartRecord, signal: NodeJS.Signals, withinMs = STOP_WITHIN_MS): Promise<Seen> {
  const tree = treesOf(record)
  const lived = lives(record)
  signalAll(tree, 'SIGCONT') // A frozen part cannot finish.
  signalAll(record.processes.slice(0, 1), signal)
  const finished = await gone(record.processes.slice(0, 1), withinMs)
  if (!finished) signalAll(tree, 'SIGKILL')
  if (!(await gone(mayGo(record, tree), withinMs)) || !lived) return undefined
  return finished ? `ran, ended by ${signal}` : `ran, did not end by ${signal} within ${withinMs / 1_000} s, ended by SIGKILL`
}

/** Ends it at once. Resolves when all is gone, or will not go. */
export async function killProcesses(record: PartRecord): Promise<Seen> {
  const tree = mayGo(record, treesOf(record))
  const lived = lives(record)
  signalAll(tree, 'SIGKILL')
  return (await gone(tree, STOP_WITHIN_MS)) && lived ? 'ran, ended by SIGKILL' : undefined
}

/** Ends leftovers of a part whose main process is gone: they hold ports and Postgres' shared
 *  memory, and break the next start. Throws PART_NOT_READY for what stays. */
export async function endLeftovers(folder: string, part: string, record: PartRecord): Promise<void> {
  const helpers = new Set(record.processes.slice(1).map(({ pid }) => pid))
  for (let round = 0; ; round += 1) {
    const left = processesOf(folder, part).filter(({ pid }) => !helpers.has(pid))
    if (left.length === 0) return
    signalAll(left, 'SIGKILL')
    if ((await gone(left, STOP_WITHIN_MS)) || round < 3) continue
    const pids = left.map(({ pid }) => pid).join(',')
    throw new LabError('PART_NOT_READY', `processes ${pids} of ${part} survived SIGKILL.\nSee them: ps -fp ${pids}`)
  }
}

/** Freezes all of it where it stands. */
export async function pauseProcesses(record: PartRecord): Promise<Seen> {
  let looks = 0
  const frozen = await comesTrue(() => {
    const tree = treesOf(record)
    // Twice: one that was being started when its parent was frozen comes late.
    looks = allPaused(tree) ? looks + 1 : 0
    if (looks === 2) return true
    signalAll(tree, 'SIGSTOP')
    // One that starts another (vfork) waits in the kernel until that one runs its program.
    if (tree.some(id => isInState(id, 'D'))) signalAll(tree.filter(isPaused), 'SIGCONT')
    return false
  })
  return frozen && lives(record) ? 'ran, stopped by SIGSTOP (state T)' : undefined
}

export async function resumeProcesses(record: PartRecord): Promise<Seen> {
  const tree = treesOf(record)
  const frozen = allPaused(tree)
  signalAll(tree, 'SIGCONT')
  const runs = await comesTrue(() => !tree.some(isPaused))
  return frozen && runs && lives(record) ? 'was stopped (state T), runs again by SIGCONT' : undefined
}

const allPaused = (tree: readonly ProcessId[]) => tree.every(isPaused)

async function comesTrue(holds: () => boolean): Promise<boolean> {
  const untilMs = performance.now() + FROZEN_WITHIN_MS
  for (;;) {
    if (holds()) return true
    if (performance.now() >= untilMs) return false
    await pause(LOOK_EVERY_MS)
  }
}
