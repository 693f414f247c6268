import { InvalidArgumentError, Option } from 'commander'
import type { Start } from '#predictor'
import type { TraceFile } from '../../scenarios/predictor/described.ts'
import { durationMs } from '../setup/duration.ts'

/** What an option's text means; each throws with what was expected and what was seen. */

export const DAY_MS = 86_400_000
export const WORKERS_MAX = 64
/** Of AMQP: 16 bits. */
const PREFETCH_MAX = 65_535

/** Commander puts the option and what it was given in front. */
export const refuse = (expected: string, seen: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}, got ${JSON.stringify(seen)}.`)
}

/** With a default that is written as a person would. */
export function option<T>(flags: string, about: string, parse: (text: string) => T, byDefault: string): Option {
  return new Option(flags, about).argParser(parse).default(parse(byDefault), byDefault)
}

const isNumber = (text: string) => /^(\d+\.?\d*|\.\d+)$/.test(text.trim())

export function serviceTimes(text: string): number[] {
  const times = text.split(',')
  const sound = times.length <= WORKERS_MAX && times.every(time => isNumber(time) && Number(time) >= 0.001 && Number(time) <= DAY_MS)
  return sound ? times.map(Number) : refuse('1 to 64 times from 0.001 to 86400000 joined by commas, such as 20,70', text)
}

/** One for all workers or one for each. */
export function prefetches(text: string): number[] {
  const list = text.split(',').map(value => value.trim())
  const sound = list.length <= WORKERS_MAX && list.every(value => /^\d+$/.test(value) && Number(value) <= PREFETCH_MAX)
  return sound ? list.map(Number) : refuse(`whole numbers from 0 to ${PREFETCH_MAX}, one for all or one per worker, such as 10,1`, text)
}

export function slots(text: string): number[] {
  const list = text.split(',')
  const sound = list.length <= WORKERS_MAX && list.every(value => /^[1-9]\d{0,2}$|^1000$/.test(value.trim()))
  return sound ? list.map(Number) : refuse('whole numbers from 1 to 1000, one for all or one per worker, such as 4,1', text)
}

export function priorities(text: string): number[] {
  const list = text.split(',')
  const sound = list.length <= WORKERS_MAX && list.every(value => /^-?\d{1,3}$/.test(value.trim()))
  return sound ? list.map(Number) : refuse('whole numbers joined by commas, such as 10,0', text)
}

export function backlogs(text: string): number[] {
  const list = text.split(',')
  const sound = list.length <= WORKERS_MAX && list.every(value => /^\d{1,7}$/.test(value.trim()))
  return sound ? list.map(Number) : refuse('whole numbers from 0 on joined by commas, such as 0,3', text)
}

export function start(text: string): Start | TraceFile {
  const path = /^trace:(.+)$/.exec(text)?.[1]
  if (path !== undefined) return { kind: 'trace-file', path }
  if (text === 'burst' || text === 'backlog') return { kind: text }
  const perSecond = Number(/^poisson:([\d.]+)\/s$/.exec(text)?.[1])
  if (perSecond >= 0.001 && perSecond <= 1_000_000) return { kind: 'poisson', perSecond }
  return refuse('burst, backlog, trace:FILE, or poisson:R/s with R from 0.001 to 1000000, such as poisson:20/s', text)
}

/** `40ms`, `30s`, `2m` -> milliseconds. */
export function time(text: string): number {
  const ms = durationMs(text, ['ms', 's', 'm', 'h'])
  return ms !== undefined && ms <= DAY_MS ? ms : refuse('a time up to 24h such as 40ms, 30s or 2m', text)
}

/** As `--start` takes it. */
export function startText(start: Start | TraceFile): string {
  if (start.kind === 'trace-file') return `trace:${start.path}`
  return start.kind === 'poisson' ? `poisson:${start.perSecond}/s` : start.kind
}
