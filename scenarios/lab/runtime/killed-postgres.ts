import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What a killed Postgres leaves behind, which the next one takes for a living one. */

const run = promisify(execFile)
const PID_FILE = 'postmaster.pid'

/** The id of a Postgres' System V segment stands in its pid file, so that it is found when its creator is long gone. */
export async function pidFile(cluster: string): Promise<{ segment: string | undefined }> {
  const lines = (await readFile(join(cluster, PID_FILE), 'utf8').catch(() => '')).split('\n')
  return { segment: /^\s*\d+\s+(\d+)\s*$/.exec(lines[6] ?? '')?.[1] }
}

/** Before a start, when every process of the one before is gone. Postgres asks the kernel whether the pid of that file lives, and gives up where it does: as
 *  the zombie of the killed one, which waits for a first process that may be slow to reap it or never does, or as another program that has the pid by now. */
export async function forgetKilled(cluster: string): Promise<void> {
  const { segment } = await pidFile(cluster)
  await removeSegments(id => id === segment)
  await rm(join(cluster, PID_FILE), { force: true })
}

/** Removes the segments of the killed one, and the one that its initdb left. Ids and pids are used again: one that a process is attached to is another's. */
export async function removeSegments(isLeft: (id: string, creator: number) => boolean): Promise<void> {
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
  for (const line of table.split('\n').slice(1)) {
    const [, id = '', , , creator, , attached, ...rest] = line.trim().split(/\s+/)
    if (rest.length > 0 && Number(attached) === 0 && isLeft(id, Number(creator))) await run('ipcrm', ['-m', id]).catch(() => undefined)
  }
}
