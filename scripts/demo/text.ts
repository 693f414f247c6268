import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Colours or none. Everything that is drawn must read without colour too. */
export type Ink = (style: Style, text: string) => string

export const plainInk: Ink = (_style, text) => text
export const colourInk: Ink = (style, text) => styleText(style, text, { validateStream: false })

/** 75_000 -> "1:15", 4_500_000 -> "1:15:00". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** 4_200 -> "4.2 s", 75_000 -> "75 s", 1_980_000 -> "33 min". */
export function spoken(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`
  return `${Math.round(ms / 60_000)} min`
}

export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length
}

/** Exactly `width` columns: cut or filled with spaces. Only text without colour is ever cut. */
export function pad(text: string, width: number): string {
  const length = visibleLength(text)
  if (length === width) return text
  if (length < width) return text + ' '.repeat(width - length)
  return `${stripVTControlCharacters(text).slice(0, Math.max(0, width - 1))}…`
}

/** Left and right part of one line, pushed apart. */
export function apart(left: string, right: string, width: number): string {
  return pad(left + ' '.repeat(Math.max(1, width - visibleLength(left) - visibleLength(right))) + right, width)
}

const BARS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** One character a value, scaled to `max`; anything above zero is visible. */
export function sparkline(values: readonly number[], max: number): string {
  return values.map(value => (value <= 0 ? BARS[0] : BARS[Math.max(1, Math.min(8, Math.round((8 * value) / Math.max(1, max))))])).join('')
}
