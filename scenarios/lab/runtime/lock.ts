import { link, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isAlive, type ProcessId, processId } from './processes.ts'

/** One command at a time may change a lab. The lock names its owner by pid and start time, so that one left by a killed command counts for nothing. */
export interface Lock extends AsyncDisposable {
  file: string
}

/** The living owner, if there is one. */
export async function lockOwner(file: string): Promise<ProcessId | undefined> {
  const owner = await readOwner(file)
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined
}

/** @returns undefined when another living process holds it. */
export async function takeLock(file: string): Promise<Lock | undefined> {
  const self = await processId(process.pid)
  const own = `${file}.${process.pid}`
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
      // Moved aside, not deleted: of two who find it stale only one can move it, and a fresh one that was moved by mistake is seen and put back.
      const aside = `${own}.stale`
      await rename(file, aside).catch(() => undefined)
      const moved = await readOwner(aside)
      if (moved !== undefined && (await isAlive(moved))) await link(aside, file).catch(() => undefined)
      await rm(aside, { force: true })
    }
  } finally {
    await rm(own, { force: true })
  }
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
