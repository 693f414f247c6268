import { GPU_PROFILES } from '#contracts/gpu-profiles'
import { CONSUMER_TIMEOUT_MS } from '#contracts/limits'
import { publishTimesMs, type Start, taskIds } from '#predictor'
import { meanServiceMs } from '../../scenarios/predictor/advise/question.ts'
import type { Described } from '../../scenarios/predictor/described.ts'
import { oneForAll } from './address.ts'
import { type State, TASKS_MAX } from './state.ts'

/** What a state asks of the predictor: the same as `npm run predict` is asked. Pure. */

const HOUR_MS = 3_600_000
/** Times of arrivals that no option of `predict` names: the page hands them out as this file. */
export const ARRIVALS_FILE = 'arrivals.csv'

/** Twice the rate in the middle third of the hour, half before and after. */
function busyMs(atMs: number): number {
  const third = HOUR_MS / 3
  if (atMs < third / 2) return 2 * atMs
  if (atMs < 2.5 * third) return third + (atMs - third / 2) / 2
  return atMs < HOUR_MS ? 2 * third + 2 * (atMs - 2.5 * third) : atMs
}

/** For ten minutes in the middle nothing arrives: then all of it at once. */
const gapMs = (atMs: number): number => (atMs > 20 * 60_000 && atMs < 30 * 60_000 ? 30 * 60_000 : atMs)

/** An hour's worth of a rate, or as many as were asked for. */
export function tasksOf({ arrivals, perSecond, tasks }: State): number {
  if (arrivals === 'burst' || arrivals === 'backlog') return tasks
  return Math.min(TASKS_MAX, Math.max(2, Math.round((perSecond * HOUR_MS) / 1_000)))
}

function startOf(state: State): Start {
  const { arrivals, perSecond, seed } = state
  if (arrivals === 'burst' || arrivals === 'backlog') return { kind: arrivals }
  if (arrivals === 'steady') return { kind: 'poisson', perSecond }
  const drawn = publishTimesMs({ kind: 'poisson', perSecond }, taskIds(tasksOf(state)), seed)
  // Whole milliseconds, as the file has them; from the first on, as a trace begins.
  const timesMs = drawn.map(arrivals === 'busy' ? busyMs : gapMs).map(Math.round)
  return { kind: 'trace', publishedMs: timesMs.map(atMs => atMs - timesMs[0]!) }
}

/** Mean time of a task on each worker, alone. Whole milliseconds. */
export function serviceMsOf({ gpus, model, promptTokens, answerTokens }: State): number[] {
  const kinds = gpus.map(gpu => ({
    name: String(gpu),
    slots: 1,
    batching: [1],
    work: typeof gpu === 'number' ? { meanMs: gpu } : { profile: GPU_PROFILES[gpu]! },
  }))
  const sizes = { promptTokens, answerTokens, varied: false }
  const times = meanServiceMs({ kinds, model: modelName(model), arrivals: { kind: 'burst', tasks: 1 }, sizes })
  return times.map(ms => Math.max(1, Math.round(ms)))
}

export const modelName = (size: string): string => `deepseek-r1:${size}`

/** As the predictor takes it. */
export function describedOf(state: State, side: 0 | 1): Described {
  const { slots, orders } = state.sides[side]
  const start = startOf(state)
  const each = (list: number[]) => [...oneForAll(list)]
  return {
    tasks: tasksOf(state),
    serviceMs: serviceMsOf(state),
    prefetchTasks: each(orders.map(one => one.prefetch)),
    priority: each(orders.map(one => one.priority)),
    backlogMin: each(orders.map(one => one.backlogMin)),
    start,
    trace: {},
    startText: start.kind === 'poisson' ? `poisson:${start.perSecond}/s` : start.kind === 'trace' ? `trace:${ARRIVALS_FILE}` : start.kind,
    load: undefined,
    gpus: undefined,
    slots: [slots],
    gapMs: state.gapMs,
    consumerTimeoutMs: CONSUMER_TIMEOUT_MS,
    seed: state.seed,
    sweep: false,
    json: false,
  }
}

/** Arrivals as a trace for `predict`, `advise` and `replay`; undefined: none is needed. */
export function arrivalsCsv(state: State): string | undefined {
  const start = startOf(state)
  if (start.kind !== 'trace') return undefined
  const rows = start.publishedMs.map(atMs => {
    const stamp = new Date(Date.UTC(2026, 0, 1) + atMs).toISOString().replace('T', ' ').replace('Z', '')
    return `${stamp},${state.promptTokens},${state.answerTokens}`
  })
  return `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join('\n')}\n`
}
