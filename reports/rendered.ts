import { KEDA_DEFAULTS } from '#evidence/autoscaler'
import type { GrowthDocument } from '#evidence/growth-document'
import type { HistoryEvent } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'
import { matrixOfRun } from '#evidence/matrix'
import type { PeersDocument } from '#evidence/peers-document'
import type { RunDocument } from '#evidence/run-document'
import type { Stored } from '#evidence/store/stored'
import { growthHtml } from './growth/page.ts'
import { growthJunit, growthMarkdown } from './growth/text.ts'
import { junitXml } from './junit.ts'
import { loadJunit } from './load/junit.ts'
import { loadMarkdown } from './load/markdown.ts'
import { loadHtml } from './load/page.ts'
import { runMarkdown } from './markdown.ts'
import { matrixMarkdown, oldMatrixHtml } from './matrix.ts'
import { runHtml } from './page.ts'
import { peersJunit } from './peers/junit.ts'
import { peersMarkdown } from './peers/markdown.ts'
import { peersHtml } from './peers/page.ts'

type Histories = ReadonlyMap<string, readonly HistoryEvent[]>

/** Everything that is rendered of a scenario's run, by file name. Pure.
 *  @param scaler whose view is drawn beside the waits */
export function rendered(document: RunDocument, histories: Histories, scaler = KEDA_DEFAULTS): Record<string, string> {
  const matrix = matrixOfRun(document, histories)
  return {
    'report.html': runHtml(document, histories, scaler),
    'report.md': `${matrix === undefined ? '' : `${matrixMarkdown(matrix.matrix)}\n`}${runMarkdown(document, histories, scaler)}`,
    'junit.xml': junitXml([document]),
    ...(matrix === undefined ? {} : { 'matrix.json': `${JSON.stringify(matrix, undefined, 1)}\n` }),
  }
}

/** The same of a load test. Pure. */
export function renderedLoad(document: LoadDocument, histories: Histories, scaler = KEDA_DEFAULTS): Record<string, string> {
  return { 'report.html': loadHtml(document, histories, scaler), 'report.md': loadMarkdown(document), 'junit.xml': loadJunit(document) }
}

/** The same of a comparison with peers. Pure. */
export function renderedPeers(document: PeersDocument): Record<string, string> {
  return { 'report.html': peersHtml(document), 'report.md': peersMarkdown(document), 'junit.xml': peersJunit(document) }
}

/** The same of what grows. Pure. */
export function renderedGrowth(document: GrowthDocument): Record<string, string> {
  return { 'report.html': growthHtml(document), 'report.md': growthMarkdown(document), 'junit.xml': growthJunit(document) }
}

/** The same of a run of any kind. Pure. */
export function renderedAny(stored: Stored, scaler = KEDA_DEFAULTS): Record<string, string> {
  if (stored.kind === 'scenario') return rendered(stored.document, stored.histories, scaler)
  if (stored.kind === 'load') return renderedLoad(stored.document, stored.histories, scaler)
  if (stored.kind === 'peers') return renderedPeers(stored.document)
  if (stored.kind === 'growth') return renderedGrowth(stored.document)
  return { 'report.html': oldMatrixHtml(stored.document), 'report.md': matrixMarkdown(stored.document.matrix) }
}
