/** Times of a trace: dates, or numbers in one unit. */

/** Not a trace: the message has line, expected and got. */
export class TraceError extends Error {
  readonly code = 'BAD_TRACE'
}

const UNITS_MS = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 } as const
export type TimeUnit = keyof typeof UNITS_MS
export const TIME_UNITS = Object.keys(UNITS_MS) as readonly TimeUnit[]

/** How a file writes its times, which its first row says. */
export type Clock = 'date' | TimeUnit

/** 2023-11-16 18:15:46.6805900, without a zone in UTC. */
const DATE = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d{2}:?\d{2})?$/
/** A comma is the decimal sign where fields are parted by semicolons. */
const NUMBER = /^\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,2})?$/
/** Since 1970 these units have this many digits from 2001 to 2286. */
const DIGITS_OF_EPOCH: Readonly<Record<number, TimeUnit>> = { 10: 's', 13: 'ms', 16: 'us', 19: 'ns' }

/** Throws TraceError. @param unit of the form or as asked */
export function clockOf(text: string, unit: TimeUnit | undefined, line: number, column: string): Clock {
  if (!NUMBER.test(text)) return 'date'
  const clock = unit ?? DIGITS_OF_EPOCH[/^\d+/.exec(text)![0].length]
  return clock ?? refused(line, 'a date, or a number whose unit is known', text, `Say the unit: --columns time=${column}:s (or ms, us, ns)`)
}

/** Milliseconds. Throws TraceError. */
export function whenMs(text: string, clock: Clock, line: number, column: string): number {
  if (clock === 'date') return dateMs(text, line)
  if (!NUMBER.test(text)) return refused(line, `${column} as a number, as in the rows above`, text)
  const value = Number(text.replace(',', '.'))
  if (clock === 'ms' && value < 1e9 && !Number.isInteger(value))
    return refused(line, `${column} in whole milliseconds`, text, `If these are seconds: --columns time=${column}:s`)
  return value * UNITS_MS[clock]
}

function dateMs(text: string, line: number): number {
  const [, day, time, fraction = '0', zone = 'Z'] = DATE.exec(text) ?? refused(line, 'a time such as 2023-11-16 18:15:46.6805900', text)
  const wholeMs = Date.parse(`${day}T${time}${zone === 'UTC' ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(wholeMs) ? refused(line, 'a time that exists', text) : wholeMs + 1_000 * Number(`0.${fraction}`)
}

/** Throws TraceError. @param next what to type */
export function refused(line: number, expected: string, seen: string, next?: string): never {
  const got = JSON.stringify(seen.length > 80 ? `${seen.slice(0, 80)}…` : seen)
  throw new TraceError(`line ${line}: expected ${expected}, got ${got}${next === undefined ? '' : `\n${next}`}`)
}
