import type { HistoryEvent } from '#checks/history'
import type { RunDocument } from '#checks/run-document'
import { junitXml } from './junit.ts'
import { runMarkdown } from './markdown.ts'
import { runHtml } from './page.ts'

/** Everything that is rendered of a run, by file name. Pure. */
export function rendered(document: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Record<string, string> {
  return { 'report.html': runHtml(document, histories), 'report.md': runMarkdown(document), 'junit.xml': junitXml([document]) }
}
