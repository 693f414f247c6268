import { readFile, writeFile } from 'node:fs/promises'
import { LabError } from '../lab/errors.ts'
import { Snapshot } from './snapshot.ts'

/** Snapshots as files. */

export async function saveSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  await writeFile(file, `${JSON.stringify(snapshot)}\n`, { mode: 0o600 })
}

/** Throws BAD_SNAPSHOT for a file that is none. */
export async function loadSnapshot(file: string): Promise<Snapshot> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? bad(file, 'no such file', cause) : cause
  })
  const parsed = Snapshot.safeParse(json(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw bad(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message}`, parsed.error)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function bad(file: string, seen: string, cause: unknown): LabError {
  return new LabError(
    'BAD_SNAPSHOT',
    `${file}: expected the address of a broker or a snapshot of one, got ${seen}\nMake one: npm run inspect -- http://USER@HOST:15672 --save ${file}`,
    { cause },
  )
}
