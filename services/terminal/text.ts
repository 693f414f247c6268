import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** Terminal text: safety, width, cutting, wrapping. Colour escapes take no columns. Pure. */

/** User or model text without escape sequences, control or bidirectional characters. */
export function clean(text: string): string {
  return (
    stripVTControlCharacters(text.toWellFormed())
      .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
      .replaceAll('\t', '  ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go.
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/g, '')
  )
}

/** Columns of a text: two for CJK and emoji, none for combining characters. */
export function columnsOf(text: string): number {
  return stringWidth(text)
}

/** One line of at most `columns`, cut with an ellipsis. */
export function excerpt(text: string, columns: number): string {
  const line = clean(text).replace(/\s+/g, ' ').trim()
  return columnsOf(line) <= columns ? line : `${takeColumns(line, Math.max(1, columns - 1)).trimEnd()}…`
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function takeColumns(text: string, columns: number): string {
  let taken = ''
  for (const { segment } of graphemes.segment(text)) {
    if (columnsOf(taken + segment) > columns) break
    taken += segment
  }
  return taken
}

/** Filled with spaces up to `columns`. */
export function padded(text: string, columns: number, to: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - columnsOf(text)))
  return to === 'left' ? text + space : space + text
}

/** Exactly `columns`: filled or cut. What is cut loses its colours. */
export function fitted(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return padded(text, columns)
  return columns < 1 ? '' : padded(`${takeColumns(stripVTControlCharacters(text), columns - 1)}…`, columns)
}

/** Left and right part of one line, pushed apart. */
export function apart(left: string, right: string, columns: number): string {
  return fitted(left + ' '.repeat(Math.max(1, columns - columnsOf(left) - columnsOf(right))) + right, columns)
}

const COLUMNS_LEAST = 16
/** A space that stays at the start of a line. */
const NO_BREAK = '\u00a0'

/** Wraps at spaces to `columns`; `head` stands before the first line, `indent` before others. */
export function wrap(head: string, text: string, columns: number, indent = 6): string[] {
  const width = Math.max(columns, COLUMNS_LEAST)
  const hang = Math.min(indent, width - 10)
  // What stands above the indent does not count: every line then has the same room.
  const before = takeColumns(head, hang)
  const rest = head.slice(before.length).replace(/^ +/, space => NO_BREAK.repeat(space.length))
  const [first = '', ...others] = wrapAnsi(rest + text, width - hang, { hard: true })
    .replaceAll(NO_BREAK, ' ')
    .split('\n')
  return [(before + first).trimEnd(), ...others.map(line => (' '.repeat(hang) + line).trimEnd())]
}

/** One paragraph's lines, indented; longer words are cut. None for no words.
 *  @param least columns of text, however narrow the terminal is */
export function paragraph(text: string, columns: number, indent = '', least = 8): string[] {
  const words = clean(text).replace(/\s+/g, ' ').trim()
  if (words === '') return []
  const room = Math.max(least, columns - indent.length)
  return (Number.isFinite(room) ? wrapAnsi(words, room, { hard: true }).split('\n') : [words]).map(line => indent + line)
}
