import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { HistoryEvent } from '#checks/history'
import { parseHistory, RunDocument } from '#checks/run-document'
import { LoadDocument } from '../../loadtest/run-document.ts'
import { MatrixDocument } from './matrix-document.ts'
import { BadRun, RUNS } from './run-folder.ts'

/** Whatever a run left behind, by its kind: a scenario's run, a load test, the matrix of nack-requeue. */
export type Stored =
  | { kind: 'scenario'; document: RunDocument; histories: Map<string, HistoryEvent[]> }
  | { kind: 'load'; document: LoadDocument; histories: Map<string, HistoryEvent[]> }
  | { kind: 'matrix'; document: MatrixDocument }

const HISTORY = 'history.jsonl.gz'
const unpack = promisify(gunzip)

/** Throws BadRun where the folder holds nothing of that, or something that was cut short. */
export async function readStored(folder: string): Promise<Stored> {
  try {
    const files = await readdir(folder)
    if (files.includes('matrix.json')) return { kind: 'matrix', document: MatrixDocument.parse(await json(join(folder, 'matrix.json'))) }
    const written = await json(join(folder, 'run.json'))
    if (typeof written === 'object' && written !== null && 'kind' in written && written.kind === 'load') {
      // Not every engine records single events.
      const histories = files.includes(HISTORY) ? await historiesIn(folder) : new Map<string, HistoryEvent[]>()
      return { kind: 'load', document: LoadDocument.parse(written), histories }
    }
    return { kind: 'scenario', document: RunDocument.parse(written), histories: await historiesIn(folder) }
  } catch (error) {
    throw new BadRun(
      `${folder} holds no run that can be read: ${error instanceof Error ? error.message : String(error)}\nExpected a folder such as reports/latest, made by: npm run scenario -- --all`,
      { cause: error },
    )
  }
}

/** The newest run of any kind; its folder's name begins with its time. Throws BadRun where there is none. */
export async function newestRun(runs = RUNS): Promise<string> {
  const names = (await readdir(runs).catch(() => [])).filter(name => /^\d{8}T\d{6}Z-/.test(name)).sort()
  for (const name of names.reverse()) {
    const files = await readdir(join(runs, name))
    if (files.includes('run.json') || files.includes('matrix.json')) return join(runs, name)
  }
  throw new BadRun(`${runs} holds no run yet.\nMake one: npm run scenario -- offline-backlog`)
}

/** What a person calls a run: its folder's own name. */
export const shortName = (folder: string) => basename(folder)

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

async function historiesIn(folder: string): Promise<Map<string, HistoryEvent[]>> {
  return parseHistory((await unpack(await readFile(join(folder, HISTORY)))).toString())
}
