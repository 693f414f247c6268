import type { Ink, Style } from './text.ts'

/** Bars and big digits out of block characters. Pure. */

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** One column of a picture that is `height` lines high. */
export interface Bar {
  /** From 0 to 1. */
  share: number
  style: Style
  /** Drawn in place of the bar, in every line or in the lowest one alone. */
  sign?: { text: string; lines: 'all' | 'lowest' }
}

/** The picture's lines, top first. Equal neighbours share colour codes: a tenth of the bytes. */
export function barLines(bars: readonly Bar[], height: number, ink: Ink): string[] {
  return Array.from({ length: height }, (_, line) => {
    const below = height - 1 - line
    let [drawn, text] = ['', '']
    let style: Style = 'dim'
    for (const bar of bars) {
      const character = characterOf(bar, below, height)
      if (character !== ' ' && bar.style !== style) {
        drawn += text.trim() === '' ? text : ink(style, text)
        ;[style, text] = [bar.style, '']
      }
      text += character
    }
    return drawn + (text.trim() === '' ? text : ink(style, text))
  })
}

function characterOf({ share, sign }: Bar, below: number, height: number): string {
  if (sign !== undefined) return sign.lines === 'all' || below === 0 ? sign.text : ' '
  // Whatever is above zero can be seen.
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(8 * height * Math.min(1, share)))
  return EIGHTHS[Math.max(0, Math.min(8, eighths - 8 * below))] ?? ' '
}

/** Five rows of three pixels a digit, each row in octal. */
const DIGITS: Record<string, string> = {
  ...{ 0: '75557', 1: '26227', 2: '71747', 3: '71717', 4: '55711', 5: '74717', 6: '74757', 7: '71111', 8: '75757', 9: '75717' },
  '-': '00700',
}
/** One pixel wide. */
const POINTS: Record<string, string> = { ':': '01010', '.': '00001' }
const ROWS = 5

/** Digits, `:`, `.`, `-`: 3 lines of half blocks, 3 columns a digit; or 5 lines, 6 columns. */
export function bigDigits(text: string, size: 'small' | 'large'): string[] {
  const rows = Array.from({ length: ROWS }, (_, row) => [...text].map(character => pixels(character, row)).join('0'))
  if (size === 'large') return rows.map(row => [...row].map(pixel => (pixel === '1' ? '██' : '  ')).join(''))
  return [0, 2, 4].map(row => [...(rows[row] ?? '')].map((upper, column) => half(upper, rows[row + 1]?.[column])).join(''))
}

function pixels(character: string, row: number): string {
  const point = POINTS[character]
  if (point !== undefined) return point[row] ?? '0'
  return Number.parseInt(DIGITS[character]?.[row] ?? '0', 8)
    .toString(2)
    .padStart(3, '0')
}

const half = (upper: string, lower = '0') => (upper === '1' ? (lower === '1' ? '█' : '▀') : lower === '1' ? '▄' : ' ')
