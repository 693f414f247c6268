import { kindOfWait } from '../model/wait-kind.ts'

/** What a text means; the palette gives the looks. `fresh`, `late`, `gone` are waits. */
export type Style = 'bold' | 'dim' | 'header' | 'fresh' | 'late' | 'gone' | 'stranded' | 'ready'

/** Colours or none. Everything that is drawn must read without them too. */
export type Ink = (style: Style | Style[], text: string) => string

/** SGR codes. Mid-scale colours of 256 read on black and on white. */
const COLOURS_256: Record<Style, string> = {
  bold: '1',
  dim: '2',
  header: '1;7',
  fresh: '38;5;34',
  late: '38;5;172',
  gone: '38;5;196',
  stranded: '38;5;133',
  ready: '38;5;32',
}
const COLOURS_16: Record<Style, string> = { ...COLOURS_256, fresh: '32', late: '33', gone: '31', stranded: '35', ready: '36' }

const NO_COLOURS: Partial<Record<Style, string>> = { bold: COLOURS_256.bold, dim: COLOURS_256.dim, header: COLOURS_256.header }

/** For pipes and files. */
export const plainInk: Ink = (_style, text) => text

/** For a terminal. @param depthBits as `getColorDepth` tells it: 1 = no colour. */
export function inkOf(depthBits: number): Ink {
  const palette = depthBits <= 1 ? NO_COLOURS : depthBits < 8 ? COLOURS_16 : COLOURS_256
  return (style, text) => {
    const codes = [style].flat().flatMap(one => palette[one] ?? [])
    return text === '' || codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`
  }
}

export const styleOfWait = (ms: number): Style => kindOfWait(ms)

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
