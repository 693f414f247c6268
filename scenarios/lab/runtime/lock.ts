import { link, mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pause } from '../until.ts'
import { isAlive, type ProcessId, processId } from './processes.ts'

const STALE_LOOK_MS = 10

/** One command changes a lab at a time. Pid and start time expose a dead owner. */
export interface Lock extends AsyncDisposable {
  file: string
}

/** The living owner, if there is one. */
export async function lockOwner(file: string): Promise<ProcessId | undefined> {
  const owner = await readOwner(file)
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined
}

let takes = 0

/** @returns undefined when another living process holds it. */
export async function takeLock(file: string): Promise<Lock | undefined> {
  const self = await processId(process.pid)
  // Of this call alone: two of one process would take the file from under each other.
  takes += 1
  const own = `${file}.${process.pid}.${takes}`
  await writeOwner(own, JSON.stringify(self))
  try {
    for (;;) {
      try {
        await link(own, file) // Atomic: fails if it exists.
        return { file, [Symbol.asyncDispose]: () => release(file) }
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      if ((await lockOwner(file)) !== undefined) return undefined
      if (!(await removeStale(file))) await pause(STALE_LOOK_MS)
    }
  } finally {
    await rm(own, { force: true })
  }
}

/** Only another lock's owner removes a dead one, which stays dead. @returns false if contended */
async function removeStale(file: string): Promise<boolean> {
  await using over = await takeLock(`${file}.over`)
  if (over === undefined) return false
  if ((await lockOwner(file)) === undefined) await rm(file, { force: true })
  return true
}

/** The folder goes with the last lab in it, perhaps at this very moment by another command. */
async function writeOwner(own: string, text: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await mkdir(dirname(own), { recursive: true, mode: 0o711 })
    try {
      return await writeFile(own, text, { mode: 0o600 })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT') || tries === 10) throw error
    }
  }
}

async function release(file: string): Promise<void> {
  await rm(file, { force: true })
  await rmdir(dirname(file)).catch(() => undefined) // The last one out; else there are labs in it.
}

async function readOwner(file: string): Promise<ProcessId | undefined> {
  try {
    const { pid, startTime } = JSON.parse(await readFile(file, 'utf8')) as Partial<ProcessId>
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined
  } catch {
    return undefined
  }
}
