import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sharedMemory } from './proc.mjs'

/** What a killed Postgres leaves behind, which the next one takes for a living one. */

const run = promisify(execFile)
const PID_FILE = 'postmaster.pid'

/** Postgres' pid file names its System V segment, after its creator is gone. */
export async function pidFile(cluster: string): Promise<{ segment: string | undefined }> {
  const lines = (await readFile(join(cluster, PID_FILE), 'utf8').catch(() => '')).split('\n')
  return { segment: /^\s*\d+\s+(\d+)\s*$/.exec(lines[6] ?? '')?.[1] }
}

/** Postgres refuses to start if its old pid lives: as a zombie, or as another program. */
export async function forgetKilled(cluster: string): Promise<void> {
  const { segment } = await pidFile(cluster)
  await removeSegments(id => id === segment)
  await rm(join(cluster, PID_FILE), { force: true })
}

/** Removes segments of the killed one and its initdb. Attached ones are others': ids recur. */
export async function removeSegments(isLeft: (id: string, creator: number) => boolean): Promise<void> {
  for (const { id, creator, attached } of sharedMemory())
    if (attached === 0 && isLeft(id, creator)) await run('ipcrm', ['-m', id]).catch(() => undefined)
}
