import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { GrowthDocument } from '../growth-document.ts'
import type { HistoryEvent } from '../history.ts'
import type { LoadDocument } from '../load-document.ts'
import type { PeersDocument } from '../peers-document.ts'
import { historyText, parseHistory, RunDocument } from '../run-document.ts'
import { badRun, expectEvents } from './bad-run.ts'
import { writing } from './unwritable.ts'
import { documentOfVersion1 } from './version-1.ts'

/** A run's folder: `reports/runs/TIME-NAME/run.json`, `history.jsonl.gz`, rendered pages. */

const ROOT = join(import.meta.dirname, '..', '..', '..')
const REPORTS = join(ROOT, 'reports')
/** Where runs stand, each in a folder of its own. */
export const RUNS = join(REPORTS, 'runs')
export const LATEST = join(REPORTS, 'latest')
/** Every event of a run, as packed JSON lines. */
export const HISTORY = 'history.jsonl.gz'
const RUN = 'run.json'
const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** A fresh folder for a run that starts now. Throws ReportsUnwritable. */
export function makeRunFolder(name: string, startedAt: string, reports = REPORTS): Promise<string> {
  const runs = join(reports, 'runs')
  const stamp = startedAt.replace(/[-:]/g, '').replace(/\.\d+Z$/, 'Z')
  return writing(runs, async () => {
    // Its own EEXIST says that a file is in the way, not that a name is taken.
    await mkdir(runs, { recursive: true })
    for (let n = 1; ; n += 1) {
      const folder = join(runs, `${stamp}-${name}${n === 1 ? '' : `-${n}`}`)
      if (await isMade(folder)) return folder
    }
  })
}

/** Makes the folder first: an unwritable disk shows before a minute of work. No run, no folder. */
export async function inRunFolder<T>(name: string, startedAt: string, run: (folder: string) => Promise<T>, reports?: string): Promise<T> {
  const folder = await makeRunFolder(name, startedAt, reports)
  try {
    return await run(folder)
  } catch (error) {
    if (!existsSync(join(folder, RUN))) await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** False: the name is taken. */
async function isMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Writes a run; `latest` beside `runs` leads to it from now on. */
export async function writeRun(
  folder: string,
  document: RunDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
): Promise<void> {
  await writing(folder, () => writeEvidence(folder, document, histories))
}

/** The history of a load test is that of one arm. */
export const LOAD_ARM = 'load'

/** The same for a load test. */
export async function writeLoadRun(folder: string, document: LoadDocument, events: readonly HistoryEvent[]): Promise<void> {
  await writing(folder, () => writeEvidence(folder, document, new Map([[LOAD_ARM, events]])))
}

/** The same for a comparison, which counts messages and keeps no history of them. */
export async function writeCounted(folder: string, document: PeersDocument | GrowthDocument): Promise<void> {
  await writing(folder, () => writeDocument(folder, document))
}

async function writeEvidence(
  folder: string,
  document: RunDocument | LoadDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
): Promise<void> {
  const lines = [...histories].map(([arm, events]) => historyText(arm, events)).join('')
  await writeFile(join(folder, HISTORY), await pack(lines))
  await writeDocument(folder, document)
}

async function writeDocument(folder: string, document: RunDocument | LoadDocument | PeersDocument | GrowthDocument): Promise<void> {
  // Last: with it the run is whole.
  await writeFile(join(folder, RUN), `${JSON.stringify(document, undefined, 1)}\n`)
  const reports = dirname(dirname(folder))
  const next = join(reports, `latest.${process.pid}`)
  await rm(next, { force: true })
  await symlink(join('runs', basename(folder)), next)
  await rename(next, join(reports, basename(LATEST)))
}

/** What is rendered of a run, by file name. Apart from the run itself: that is whole without it. */
export async function writeRendered(folder: string, rendered: Readonly<Record<string, string>>): Promise<void> {
  await writing(folder, async () => {
    for (const [file, text] of Object.entries(rendered)) await writeFile(join(folder, file), text)
  })
}

/** A scenario's stored run. Throws BadRun if the folder has none, or a cut one. */
export async function readRun(folder: string): Promise<{ document: RunDocument; histories: Map<string, HistoryEvent[]> }> {
  try {
    const document = RunDocument.parse(documentOfVersion1(JSON.parse(await readFile(join(folder, RUN), 'utf8'))))
    const histories = await readHistories(folder)
    expectEvents(document.arms, histories)
    return { document, histories }
  } catch (error) {
    throw badRun(folder, error)
  }
}

export async function readHistories(folder: string): Promise<Map<string, HistoryEvent[]>> {
  return parseHistory((await unpack(await readFile(join(folder, HISTORY)))).toString())
}
