import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { GrowthDocument } from '../growth-document.ts'
import type { HistoryEvent } from '../history.ts'
import { LoadDocument } from '../load-document.ts'
import { MatrixDocument } from '../matrix.ts'
import { PeersDocument } from '../peers-document.ts'
import type { RunDocument } from '../run-document.ts'
import { BadRun, badRun, expectEvents } from './bad-run.ts'
import { HISTORY, LOAD_ARM, RUNS, readHistories, readRun } from './run-folder.ts'
import { documentOfVersion1 } from './version-1.ts'

/** A stored run: of a scenario, a load test, peers or growth, or an older lab's matrix. */
export type Stored =
  | { kind: 'scenario'; document: RunDocument; histories: Map<string, HistoryEvent[]> }
  | { kind: 'load'; document: LoadDocument; histories: Map<string, HistoryEvent[]> }
  | { kind: 'peers'; document: PeersDocument }
  | { kind: 'growth'; document: GrowthDocument }
  | { kind: 'matrix'; document: MatrixDocument }

/** Throws BadRun where the folder holds nothing of that, or something that was cut short. */
export async function readStored(folder: string): Promise<Stored> {
  const files: string[] = await readdir(folder).catch(() => [])
  if (files.length === 0)
    throw new BadRun(`${folder} is not a readable run: there is no ${join(folder, 'run.json')}.\n${await runsThere()}`)
  if (files.includes('compare.json')) throw new BadRun(`${folder} is a comparison, not a run.\nOpen it: ${join(folder, 'report.html')}`)
  let kind: Stored['kind'] = !files.includes('run.json') && files.includes('matrix.json') ? 'matrix' : 'scenario'
  try {
    if (kind === 'matrix') return { kind, document: MatrixDocument.parse(await json(join(folder, 'matrix.json'))) }
    const written = files.includes('run.json') ? await json(join(folder, 'run.json')) : undefined
    const says = typeof written === 'object' && written !== null && 'kind' in written ? written.kind : undefined
    if (says === 'peers') {
      kind = 'peers'
      return { kind, document: PeersDocument.parse(written) }
    }
    if (says === 'growth') {
      kind = 'growth'
      return { kind, document: GrowthDocument.parse(written) }
    }
    if (says === 'load') {
      kind = 'load'
      const document = LoadDocument.parse(documentOfVersion1(written))
      // Not every engine records single events.
      const histories = files.includes(HISTORY) ? await readHistories(folder) : new Map<string, HistoryEvent[]>()
      if (document.engine === 'built-in' || histories.size > 0) expectEvents([{ name: LOAD_ARM, events: document.events }], histories)
      return { kind, document, histories }
    }
  } catch (error) {
    throw badRun(folder, error, kind)
  }
  return { kind: 'scenario', ...(await readRun(folder)) }
}

const SHOWN = 3

/** What to type instead of a folder that is not there. */
async function runsThere(): Promise<string> {
  const names = (await readdir(RUNS).catch(() => [])).filter(name => RUN_NAME.test(name)).sort()
  if (names.length === 0) return 'Make one: npm run scenario -- offline-backlog'
  return `The newest runs:\n${names
    .slice(-SHOWN)
    .reverse()
    .map(name => `  ${relative('.', join(RUNS, name))}`)
    .join('\n')}`
}

/** Of a folder of runs: when it began. */
const RUN_NAME = /^\d{8}T\d{6}Z-/

/** The newest run, by its folder's name. Throws BadRun if there is none. */
export async function newestRun(runs = RUNS): Promise<string> {
  const names = (await readdir(runs).catch(() => [])).filter(name => RUN_NAME.test(name)).sort()
  for (const name of names.reverse()) {
    const files = await readdir(join(runs, name))
    if (files.includes('run.json') || files.includes('matrix.json')) return join(runs, name)
  }
  throw new BadRun(`${runs} has no run yet.\nMake one: npm run scenario -- offline-backlog`)
}

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}
