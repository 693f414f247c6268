import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from '../errors.ts'
import { clearContainers } from './compose/clear.ts'
import { dataFolder } from './postgres.ts'
import { gone, processesOf, signalAll } from './processes.ts'
import { loadState, removeFolder } from './state.ts'

const run = promisify(execFile)
const GONE_WITHIN_MS = 10_000

/** Ends every process of the lab in this folder and removes the folder, whatever state a command left it in. What runs is found by its mark,
 *  not by what was written down: a command may have been killed between a spawn and the note of it. */
export async function clearFolder(folder: string): Promise<void> {
  // A state that cannot be read may be that of either.
  const runtime = existsSync(folder) ? (await loadState(folder))?.runtime : 'native'
  if (runtime !== 'native') await clearContainers(folder, runtime === 'compose')
  const noted = await notedSegment(folder)
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
  for (const { id, creator, attached } of await segments()) {
    // Ids and pids are used again: one that somebody is attached to is not the one that was left.
    if (attached === 0 && (id === noted || ended.has(creator))) await run('ipcrm', ['-m', id]).catch(() => undefined)
  }
  await removeFolder(folder)
}

/** A killed Postgres leaves its System V segment behind, and so does the one that initdb runs. The id of the former stands in its pid file, so that it is found
 *  when its creator is long gone. */
async function notedSegment(folder: string): Promise<string | undefined> {
  const lines = (await readFile(join(dataFolder(folder), 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return /^\s*\d+\s+(\d+)\s*$/.exec(lines[6] ?? '')?.[1]
}

async function segments(): Promise<{ id: string; creator: number; attached: number }[]> {
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields.length > 6)
    .map(([, id = '', , , creator, , attached]) => ({ id, creator: Number(creator), attached: Number(attached) }))
}
