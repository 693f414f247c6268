import { makeRunFolder, writeRendered } from '#evidence/store/run-folder'
import { type CompareDocument, compareDocument } from '../../reports/compare/document.ts'
import { compareMarkdown } from '../../reports/compare/markdown.ts'
import { comparePage } from '../../reports/compare/page.ts'
import { methodLines } from '../../reports/compare/words.ts'
import { readSide } from './sides.ts'

/** Stored runs held against each other, and the folder that the comparison leaves. */

export interface ComparedFolder {
  document: CompareDocument
  folder: string
}

/** @param typed sides as they were typed @param startedAt ISO 8601 @param reports default: the project's. Throws BadRun or NothingShared. */
export async function compare(typed: readonly string[], startedAt: string, reports?: string): Promise<ComparedFolder> {
  const sides = []
  for (const text of typed) sides.push(await readSide(text))
  const document = compareDocument(sides, `npm run report -- compare ${typed.map(quoted).join(' ')}`)
  const folder = await makeRunFolder('compare', startedAt, reports)
  await writeRendered(folder, renderedComparison(document))
  return { document, folder }
}

function renderedComparison(document: CompareDocument): Record<string, string> {
  const method = methodLines(document)
  // The curves' single values lie in the runs themselves.
  const { comparisons, ...rest } = document
  const short = { ...rest, comparisons: comparisons.map(({ curves: _, ...each }) => each) }
  return {
    'compare.json': `${JSON.stringify(short, undefined, 1)}\n`,
    'report.html': comparePage(document, method),
    'report.md': compareMarkdown(document, method),
  }
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./,:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
