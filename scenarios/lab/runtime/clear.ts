import { existsSync } from 'node:fs'
import { LabError } from '../errors.ts'
import { clearContainers } from './compose/clear.ts'
import { pidFile, removeSegments } from './killed-postgres.ts'
import { dataFolder } from './postgres.ts'
import { gone, processesOf, signalAll } from './processes.ts'
import { loadState, removeFolder } from './state.ts'

const GONE_WITHIN_MS = 10_000

/** Ends every process of the lab in this folder and removes the folder, whatever state a command left it in. What runs is found by its mark,
 *  not by what was written down: a command may have been killed between a spawn and the note of it. */
export async function clearFolder(folder: string): Promise<void> {
  // A state that cannot be read may be that of either.
  const runtime = existsSync(folder) ? (await loadState(folder))?.runtime : 'native'
  if (runtime !== 'native') await clearContainers(folder, runtime === 'compose')
  const { segment: noted } = await pidFile(dataFolder(folder))
  const ended = new Set<number>()
  // Killed at once: what the lab stored goes with it. Repeated, since a process may have been about to start another.
  for (let round = 0; ; round += 1) {
    const living = await processesOf(folder)
    if (living.length === 0) break
    for (const { pid } of living) ended.add(pid)
    await signalAll(living, 'SIGKILL')
    if (!(await gone(living, GONE_WITHIN_MS)) && round >= 3)
      throw new LabError(
        'PART_NOT_READY',
        `processes ${living.map(id => id.pid).join(', ')} of ${folder} do not end.\nSee them: ps -fp ${living.map(id => id.pid).join(',')}`,
      )
  }
  await removeSegments((id, creator) => id === noted || ended.has(creator))
  await removeFolder(folder)
}
