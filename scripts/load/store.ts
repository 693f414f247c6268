import { relative } from 'node:path'
import type { HistoryEvent } from '#checks/history'
import { LoadDocument, type LoadResult } from '../../loadtest/index.ts'
import { renderedLoad } from '../report/rendered.ts'
import type { Circumstances } from '../scenario/document.ts'
import { LOAD_ARM, makeRunFolder, writeLoadRun, writeRendered } from '../scenario/run-folder.ts'

export interface Where extends Circumstances {
  /** What repeats it. */
  command: string
  engine: LoadDocument['engine']
  interrupted: boolean
}

/** From a result to a run folder. */
export async function storeLoad(
  result: LoadResult,
  events: readonly HistoryEvent[],
  { command, engine, startedAt, node, labVersion, commit, machine, interrupted }: Where,
): Promise<{ folder: string; document: LoadDocument }> {
  const cut = interrupted ? { verdict: 'unknown' as const, detail: `interrupted; until then: ${result.detail}` } : {}
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
  const folder = await makeRunFolder(`load-${document.workload}`, startedAt)
  await writeLoadRun(folder, document, events)
  await writeRendered(folder, renderedLoad(document, new Map([[LOAD_ARM, events]])))
  return { folder: relative(process.cwd(), folder), document }
}
