import { makeRunFolder, writeRendered } from '#evidence/store/run-folder'
import { type CompareDocument, compareDocument } from '../../reports/compare/document.ts'
import { compareMarkdown } from '../../reports/compare/markdown.ts'
import { comparePage } from '../../reports/compare/page.ts'
import { readSide } from './sides.ts'

/** Stored runs compared, and the folder that the comparison leaves. */

export interface ComparedFolder {
  document: CompareDocument
  folder: string
}

/** @param typed sides as they were typed @param startedAt ISO 8601 @param reports default: the project's. Throws BadRun or NotComparable. */
export async function compare(typed: readonly string[], startedAt: string, reports?: string): Promise<ComparedFolder> {
  const sides = []
  for (const text of typed) sides.push(await readSide(text))
  const document = compareDocument(sides, `npm run report -- compare ${typed.map(quoted).join(' ')}`)
  const folder = await makeRunFolder('compare', startedAt, reports)
  await writeRendered(folder, {
    'compare.json': `${compareJson(document, 1)}\n`,
    'report.html': comparePage(document),
    'report.md': compareMarkdown(document),
  })
  return { document, folder }
}

/** Without the curves: their single values lie in the runs themselves. */
export function compareJson(document: object, indent: number): string {
  return JSON.stringify(document, (key, value) => (key === 'curves' ? undefined : value), indent)
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./,:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
