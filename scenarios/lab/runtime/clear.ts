import { existsSync } from 'node:fs'
import { LabError } from '../errors.ts'
import { clearContainers } from './compose/clear.ts'
import { pidFile, removeSegments } from './killed-postgres.ts'
import { clearOwnSpaces } from './own-broker.ts'
import { dataFolder } from './postgres.ts'
import { gone, processesOf, signalAll } from './processes.ts'
import { loadState, removeFolder } from './state.ts'

const GONE_WITHIN_MS = 10_000

/** Ends a lab's processes, found by their mark, and removes its folder, in any state.
 *  Throws BROKER_LEFTOVERS. */
export async function clearFolder(folder: string): Promise<void> {
  // A state that cannot be read may be that of either.
  const state = await loadState(folder)
  const runtime = existsSync(folder) ? state?.runtime : 'native'
  if (runtime !== 'native') await clearContainers(folder, runtime === 'compose')
  const { segment: noted } = await pidFile(dataFolder(folder))
  const ended = new Set<number>()
  // Killed at once. Repeated, since a process may be about to start another.
  for (let round = 0; ; round += 1) {
    const living = processesOf(folder)
    if (living.length === 0) break
    for (const { pid } of living) ended.add(pid)
    signalAll(living, 'SIGKILL')
    if (!(await gone(living, GONE_WITHIN_MS)) && round >= 3)
      throw new LabError(
        'PART_NOT_READY',
        `processes ${living.map(id => id.pid).join(', ')} of ${folder} survived SIGKILL.\nSee them: ps -fp ${living.map(id => id.pid).join(',')}`,
      )
  }
  await removeSegments((id, creator) => id === noted || ended.has(creator))
  // Before the folder, which has the notes and the password.
  if (state !== undefined) await clearOwnSpaces(state)
  await removeFolder(folder)
}
