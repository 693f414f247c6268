import { padded, paragraph } from '../../services/terminal/text.ts'
import { type Ink, plainInk } from '../ink.ts'
import { type CompareDocument, type Comparison, nothingDiffers } from './document.ts'
import type { Row } from './rows.ts'

/** A comparison for a terminal: the verdict first. Pure. */

const STYLES = { improved: 'green', regressed: 'red', mixed: 'yellow', 'too noisy': 'yellow', 'no detectable change': 'bold' } as const

export function compareText(document: CompareDocument, { ink = plainInk, width = 80 }: { ink?: Ink; width?: number } = {}): string {
  const { verdict, word, sentence, sides, differs, comparisons, method } = document
  return [
    ink('bold', ink(STYLES[verdict], word)),
    ...paragraph(sentence, width, '  '),
    ...sides.flatMap(side => paragraph(`${side.letter} ${sideText(side)}`, width, '  ')),
    ...(differs.length === 0 ? paragraph(`differs: ${nothingDiffers(sides)}`, width, '  ') : ['  what differs']),
    ...differs.flatMap(({ name, values }) => paragraph(`${name}: ${values.join(' → ')}`, width, '    ')),
    ...comparisons.flatMap(each => ['', ink('bold', each.arm), ...partLines(each, ink, width)]),
    '',
    ...paragraph(method.text[0]!, width),
  ].join('\n')
}

export function sideText({ label, runs }: CompareDocument['sides'][number]): string {
  return runs.length > 1 ? `${label}: ${runs.join(', ')}` : label
}

/** What differs in an arm alone, and checks that say something else. */
export function notesOf({ differs, checks }: Comparison): string[] {
  return [...differs, ...checks.map(each => ({ ...each, name: `check ${each.name}` }))].map(
    ({ name, from, to }) => `${name}: ${from} → ${to}`,
  )
}

function partLines(comparison: Comparison, ink: Ink, width: number): string[] {
  return [
    ...notesOf(comparison).flatMap(note => paragraph(note, width, '  ')),
    ...comparison.rows.flatMap((row, i, rows) => [
      ...rowLines(row, ink, width),
      // What is the matter with all of them is told once.
      ...(row.verdict === 'too noisy' && rows[i - 1]?.detail !== row.detail ? paragraph(row.detail, width, '      ') : []),
    ]),
  ]
}

function rowLines(
  { label, verdict, words: { fromTo, effect, interval, ...words }, detail, runsMore }: Row,
  ink: Ink,
  width: number,
): string[] {
  const line = `  ${padded(label, 23)}${padded(fromTo, 18)}${padded(ink(STYLES[verdict], words.verdict), 13)}`
  const told = detail === '' ? `${effect} (${interval})` : runsMore === null ? effect : `${effect}; ${detail}`
  return 56 + told.length <= width ? [line + told] : [line.trimEnd(), padded(told, width, 'right')]
}
