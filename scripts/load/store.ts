import { relative } from 'node:path'
import { reason } from '#evidence/finding'
import type { HistoryEvent } from '#evidence/history'
import { inRunFolder, LOAD_ARM, writeLoadRun, writeRendered } from '#evidence/store/run-folder'
import type { AskedBroker } from '#lab'
import { LoadDocument, type LoadResult } from '../../loadtest/index.ts'
import { renderedLoad } from '../../reports/rendered.ts'
import { seenBroker } from '../../scenarios/experiment/document.ts'
import { circumstances } from '../../scenarios/experiment/machine.ts'

export interface LoadRun {
  result: LoadResult
  events: readonly HistoryEvent[]
}

interface About extends Pick<LoadDocument, 'workload' | 'command' | 'engine'> {
  broker?: AskedBroker | undefined

  /** Aborted: what was measured so far counts. */
  signal: AbortSignal
}

/** Loads, and leaves a run folder. */
export async function storedLoad(
  { workload, command, engine, signal, broker = {} }: About,
  load: () => Promise<LoadRun>,
): Promise<{ folder: string; document: LoadDocument }> {
  const startedAt = new Date().toISOString()
  const { node, labVersion, commit, machine } = await circumstances(startedAt)
  return inRunFolder(`load-${workload}`, startedAt, async folder => {
    const { result, events } = await load()
    const isCut = signal.aborted && result.verdict !== 'fail'
    const document = LoadDocument.parse({
      ...result,
      ...(isCut ? { verdict: 'unknown', why: reason('interrupted', {}, result.why) } : {}),
      engine,
      command,
      startedAt,
      commit,
      machine,
      versions: { lab: labVersion, node, ...result.versions, ...seenBroker(broker) },
    })
    await writeLoadRun(folder, document, events)
    await writeRendered(folder, renderedLoad(document, new Map([[LOAD_ARM, events]])))
    return { folder: relative(process.cwd(), folder), document }
  })
}
