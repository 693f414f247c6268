import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '#lab'
import { added, type Snapshot, snapshot } from './snapshot.ts'

const NOTHING: Snapshot = { listening: [], processes: [], temporary: [], sharedMemory: [] }

/** A folder for the labs of one test file, and what the machine held before any of them. */
export interface TestHome {
  folder: string
  /** For `PREFETCH_LAB_HOME`. */
  labs: string
  /** What there is now and was not before. */
  added(): Promise<Snapshot>
  /** Sockets and processes go a moment after the kill. */
  nothingLeft(): Promise<unknown>
  remove(): Promise<void>
}

export async function testHome(name: string): Promise<TestHome> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`))
  await chmod(folder, 0o711) // Under root Postgres runs as another user, who must pass.
  const labs = join(folder, 'labs')
  await mkdir(labs, { mode: 0o711 })
  const before = await snapshot(labs)
  const now = async () => added(before, await snapshot(labs))
  return {
    folder,
    labs,
    added: now,
    nothingLeft: () => until('nothing is left', now, { equals: NOTHING, withinMs: 20_000 }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
