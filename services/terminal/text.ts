import { stripVTControlCharacters } from 'node:util'

/** Text of users and models, made safe for a terminal: no escape sequences, no control characters, nothing that turns the direction of what follows. */
export function clean(text: string): string {
  return (
    stripVTControlCharacters(text.toWellFormed())
      .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
      .replaceAll('\t', '  ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go.
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/g, '')
  )
}

/** One line of at most `columns`, cut with an ellipsis. */
export function excerpt(text: string, columns: number): string {
  const line = clean(text).replace(/\s+/g, ' ').trim()
  return columnsOf(line) <= columns ? line : `${takeColumns(line, Math.max(1, columns - 1)).trimEnd()}…`
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const WIDE =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u
const NARROW = /^[\u0020-\u02ff\u0370-\u052f\u2010-\u203a]*$/

/** Columns that a text takes in a terminal: two for Chinese, Japanese, Korean and emoji, none for what combines with the character before. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += segmentColumns(segment)
  return columns
}

function segmentColumns(segment: string): number {
  if (WIDE.test(segment)) return 2
  return /^[\p{Mark}\u200b-\u200d\u2060]+$/u.test(segment) ? 0 : 1
}

function takeColumns(text: string, columns: number): string {
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += segmentColumns(segment)
    if (used > columns) break
    taken += segment
  }
  return taken
}

/** Breaks text into lines of at most `columns`, at spaces where there are any; `head` stands before the first, and the others are indented by `indent`. */
export function wrap(head: string, text: string, columns: number, indent = 6): string[] {
  const width = Math.max(columns, 16)
  const hang = ' '.repeat(Math.min(indent, width - 10))
  if (columnsOf(head) > width / 2 && head !== '') return wrap('', head + text, columns, indent) // A long name on a narrow terminal.
  const lines: string[] = []
  let line = head
  let used = columnsOf(head)
  // Space that is only written if a word follows on the same line.
  let gap = ''
  let empty = head === ''
  const breakLine = () => {
    lines.push(line.trimEnd())
    line = hang
    used = hang.length
    gap = ''
    empty = true
  }
  text.split('\n').forEach((paragraph, index) => {
    if (index > 0) breakLine()
    for (const token of paragraph.split(/(\s+)/)) {
      if (token === '') continue
      if (/^\s+$/.test(token)) {
        gap = token
        continue
      }
      const wide = columnsOf(token)
      if (used + gap.length + wide > width && !empty && wide <= width - hang.length) breakLine()
      line += gap
      used += gap.length
      gap = ''
      let rest = token
      for (let room = width - used; columnsOf(rest) > room; room = width - used) {
        // A word longer than a line, or Chinese, which needs no spaces: cut where the line ends.
        const taken = takeColumns(rest, room)
        line += taken
        rest = rest.slice(taken.length)
        breakLine()
      }
      line += rest
      used += columnsOf(rest)
      empty = false
    }
  })
  lines.push(line.trimEnd())
  return lines
}
