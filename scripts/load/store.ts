import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { reason } from '#evidence/finding'
import type { HistoryEvent } from '#evidence/history'
import { LOAD_ARM, makeRunFolder, writeLoadRun, writeRendered } from '#evidence/store/run-folder'
import { LoadDocument, type LoadResult } from '../../loadtest/index.ts'
import { renderedLoad } from '../../reports/rendered.ts'
import type { Circumstances } from '../../scenarios/experiment/document.ts'

export interface Where extends Circumstances {
  /** What repeats it. */
  command: string
  engine: LoadDocument['engine']
  interrupted: boolean
}

/** Makes the folder first: an unwritable disk shows before a minute of load. No run, no folder. */
export async function inRunFolder<T>(workload: string, startedAt: string, load: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeRunFolder(`load-${workload}`, startedAt)
  try {
    return await load(folder)
  } catch (error) {
    if (!existsSync(join(folder, 'run.json'))) await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** From a result to what its folder holds. */
export async function storeLoad(
  folder: string,
  result: LoadResult,
  events: readonly HistoryEvent[],
  { command, engine, startedAt, node, labVersion, commit, machine, interrupted }: Where,
): Promise<{ folder: string; document: LoadDocument }> {
  const cut = interrupted ? { verdict: 'unknown' as const, why: reason('interrupted', {}, result.why) } : {}
  const document = LoadDocument.parse({
    ...result,
    ...(result.verdict === 'fail' ? {} : cut),
    engine,
    command,
    startedAt,
    commit,
    machine,
    versions: { lab: labVersion, node, ...result.versions },
  })
  await writeLoadRun(folder, document, events)
  await writeRendered(folder, renderedLoad(document, new Map([[LOAD_ARM, events]])))
  return { folder: relative(process.cwd(), folder), document }
}
