import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from '../errors.ts'
import { dataFolder } from './postgres.ts'
import { gone, processesOf, signalAll } from './processes.ts'
import { removeFolder } from './state.ts'

const run = promisify(execFile)
const GONE_WITHIN_MS = 10_000

/** Ends every process of the lab in this folder and removes the folder, whatever state a command left it in. What runs is found by its mark,
 *  not by what was written down: a command may have been killed between a spawn and the note of it. */
export async function clearFolder(folder: string): Promise<void> {
  const segment = await sharedMemory(folder)
  // Killed at once: what the lab stored goes with it. Twice, since a process may have been about to start another.
  for (let round = 0; ; round += 1) {
    const living = await processesOf(folder)
    if (living.length === 0) break
    await signalAll(living, 'SIGKILL')
    if (!(await gone(living, GONE_WITHIN_MS)) && round >= 3)
      throw new LabError(
        'PART_NOT_READY',
        `processes ${living.map(id => id.pid).join(', ')} of ${folder} do not end.\nSee them: ps -fp ${living.map(id => id.pid).join(',')}`,
      )
  }
  // A killed Postgres leaves its System V segment behind; the id stands in its pid file.
  if (segment !== undefined && (await nobodyAttached(segment))) await run('ipcrm', ['-m', segment]).catch(() => undefined)
  await removeFolder(folder)
}

async function sharedMemory(folder: string): Promise<string | undefined> {
  const lines = (await readFile(join(dataFolder(folder), 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return /^\s*\d+\s+(\d+)\s*$/.exec(lines[6] ?? '')?.[1]
}

/** Ids are used again: one that somebody is attached to is not the one that was left. */
async function nobodyAttached(segment: string): Promise<boolean> {
  const lines = (await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')).split('\n').map(line => line.trim().split(/\s+/))
  return lines.some(([, id, , , , , attached]) => id === segment && attached === '0')
}
