import { type Ink, padded, plainInk, wrapped } from '../columns.ts'
import type { Change, CompareDocument, Comparison, Row } from './document.ts'
import { effectText, fromToText, intervalText, nothingDiffers, verdictSentence } from './words.ts'

/** A comparison for a terminal: the verdict first. Pure. */

const STYLES = { improved: 'green', regressed: 'red', mixed: 'yellow', 'too noisy': 'yellow', 'no detectable change': 'bold' } as const
/** Lines of differences that are shown; the page has all. */
const DIFFERENCES = 12

export function compareText(document: CompareDocument, { ink = plainInk, width = 100 }: { ink?: Ink; width?: number } = {}): string {
  const verdict = ink('bold', ink(STYLES[document.verdict], document.verdict.toUpperCase()))
  const sides = document.sides.map(({ letter, label }) => `  ${letter}  ${label}`)
  return [
    `${verdict}  ${wrapped(verdictSentence(document), width - document.verdict.length - 2).join('\n  ')}`,
    ...sides,
    ...differences(document, width),
    ...document.comparisons.flatMap(each => ['', ...comparisonLines(each, document, { ink, width })]),
  ].join('\n')
}

function differences({ differs, sides }: CompareDocument, width: number): string[] {
  if (differs.length === 0) return wrapped(`differs: ${nothingDiffers(sides)}`, width, '  ')
  const lines = differs.map(({ name, values }) => `${name}: ${values.join(' → ')}`)
  const more = lines.length > DIFFERENCES ? [`… and ${lines.length - DIFFERENCES} more`] : []
  return ['  what differs', ...[...lines.slice(0, DIFFERENCES), ...more].flatMap(line => wrapped(line, width, '    '))].slice(
    0,
    40 * sides.length,
  )
}

function comparisonLines(
  { arm, side, rows, checks }: Comparison,
  { sides }: CompareDocument,
  { ink, width }: { ink: Ink; width: number },
): string[] {
  const title = `${arm}${sides.length > 2 ? `, ${sides[0]!.letter} → ${sides[side]!.letter}` : ''}`
  return [
    ink('bold', title),
    // What is the matter with all of them is told once.
    ...rows.flatMap((row, i) => rowLines(rows[i - 1]?.detail === row.detail ? { ...row, detail: '' } : row, ink, width)),
    ...checks.map(({ name, from, to }) => `  check ${name}: ${from} → ${to}`),
  ]
}

const COLUMNS = [25, 22] as const

function rowLines(row: Row, ink: Ink, width: number): string[] {
  const word = ink(STYLES[row.verdict], row.verdict)
  const first = `  ${padded(row.label, COLUMNS[0])}${padded(fromToText(row), COLUMNS[1])}`
  const figures = `${effectText(row)} (${intervalText(row)})`
  const why: Record<Change, string> = { improved: '', regressed: '', 'no detectable change': row.detail, 'too noisy': row.detail }
  return [`${first}${word}: ${figures}`, ...(why[row.verdict] === '' ? [] : wrapped(why[row.verdict], width, '      '))]
}
