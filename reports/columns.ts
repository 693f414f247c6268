import { stripVTControlCharacters } from 'node:util'
import { printable } from './words.ts'

/** Lines for a terminal. Every line reads the same without colour. Pure. */

export type Ink = (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string

export const plainInk: Ink = (_style, text) => text

/** What a terminal shows of it: columns, as long as no character is a wide one. */
export function shownLength(text: string): number {
  return [...stripVTControlCharacters(text)].length
}

export function padded(text: string, width: number, to: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - shownLength(text)))
  return to === 'left' ? text + space : space + text
}

/** Words in lines of at most `width` columns, each after `indent`; a word longer than that is cut. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const room = Math.max(8, width - indent.length)
  const lines: string[] = []
  let line = ''
  for (const word of printable(text)
    .split(/\s+/)
    .flatMap(each => pieces(each, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(indent + line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, indent + line]
}

function pieces(word: string, room: number): string[] {
  return word.length <= room ? [word] : (word.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [])
}
