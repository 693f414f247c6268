import { relative } from 'node:path'
import type { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import type { GrowthDocument } from '#evidence/growth-document'
import type { PeersDocument } from '#evidence/peers-document'
import { inRunFolder, writeCounted, writeRendered } from '#evidence/store/run-folder'
import { checkPlan, LabError, type LabPlan } from '#lab'
import { NO_TRAFFIC } from '../../loadtest/workload.ts'
import { circumstances } from '../../scenarios/experiment/machine.ts'
import type { AskedRuntime } from '../setup/runtime.ts'
import { BadLoad } from './bad-load.ts'
import { type AskedLab, labPlanOf } from './lab-plan.ts'
import { loadMs } from './options.ts'

/** What the workloads share that compare systems and sizes in one run: `peers` and `growth`. */

export interface CountedGiven extends AskedLab {
  only?: string
  repeat: number
  for: string
  install: boolean
  runtime: AskedRuntime
  json?: boolean
  junit?: string
}

export const COUNTED_EXITS = { pass: EXIT.ok, fail: EXIT.failed, unknown: EXIT.unknown }
const TAKES = ['only', 'repeat', 'for', 'seed', 'design', 'set', 'install', 'json', 'junit', 'runtime', 'broker']

/** Their own lab: people alone, no worker and no GPU. Pure. Throws BAD_LOAD. */
export function countedLab(workload: string, given: CountedGiven): LabPlan {
  if (given.runtime === 'compose') throw new BadLoad(`${workload} runs as local processes, got --runtime compose. Drop --runtime.`)
  if (given.broker !== undefined) throw new BadLoad(`${workload} takes the installed RabbitMQ, got --broker. Drop --broker.`)
  // One in the air at any time is enough to lift the limits of a person.
  const traffic = [{ ...NO_TRAFFIC, outstanding: 1 }]
  const labPlan = { ...labPlanOf({ traffic }, given), workers: [], gpus: [] }
  checkPlan(labPlan)
  return labPlan
}

/** Of a piece; undefined: not asked for. Throws BAD_LOAD. */
export function pieceMs(given: CountedGiven, program: Command): number | undefined {
  const asked = pieceGiven(given, program)
  if (asked === undefined) return undefined
  const forMs = loadMs('--for', asked)
  if (forMs < 500) throw new BadLoad(`--for: expected 500ms or more, got ${asked}`)
  return forMs
}

/** The default is that of the other workloads, and not meant here. */
export const pieceGiven = (given: CountedGiven, program: Command): string | undefined =>
  program.getOptionValueSource('for') === 'cli' ? given.for : undefined

export const namesIn = (only: string): string[] => only.split(',').map(name => name.trim())

/** What would be left out without a word is refused. Throws BAD_LOAD. */
export function refuseOthers(workload: string, program: Command): void {
  const other = program.options.find(option => {
    const name = option.attributeName()
    return program.getOptionValueSource(name) === 'cli' && !TAKES.includes(name)
  })
  if (other === undefined) return
  const long = (name: string) => program.options.find(option => option.attributeName() === name)?.long ?? ''
  const taken = TAKES.slice(0, -2).map(long).join(', ')
  throw new BadLoad(`${other.long}: ${workload} has loads of its own. It takes ${taken}.`)
}

/** Runs it in a run folder of its own. @param measured makes the document */
export async function storedCounted<D extends PeersDocument | GrowthDocument>(
  workload: string,
  signal: AbortSignal,
  measured: (
    about: Pick<D, 'startedAt' | 'commit' | 'machine'>,
    seen: { versions: Record<string, string>; tookMs(): number },
  ) => Promise<D>,
  rendered: (document: D) => Record<string, string>,
): Promise<{ document: D; folder: string }> {
  const startedAt = new Date().toISOString()
  const startedMs = performance.now()
  const { node, labVersion, commit, machine } = await circumstances(startedAt)
  const seen = { versions: { lab: labVersion, node }, tookMs: () => performance.now() - startedMs }
  return inRunFolder(`load-${workload}`, startedAt, async folder => {
    const document = await measured({ startedAt, commit, machine }, seen).catch((error: unknown) => {
      if (!signal.aborted) throw error
      throw new LabError('INTERRUPTED', 'interrupted before all of it was measured; what was started is removed', { cause: error })
    })
    await writeCounted(folder, document)
    await writeRendered(folder, rendered(document))
    return { document, folder: relative(process.cwd(), folder) }
  })
}
