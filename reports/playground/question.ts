import { GPU_PROFILES, slotSpeeds } from '#contracts/gpu-profiles'
import { CONSUMER_TIMEOUT_MS } from '#contracts/limits'
import { publishTimesMs, type Start, taskIds } from '#predictor'
import { drawnLengths } from '../../scenarios/predictor/advise/draw.ts'
import type { Kind } from '../../scenarios/predictor/advise/question.ts'
import type { AskedGpus, Described } from '../../scenarios/predictor/described.ts'
import { gpuWork } from '../../scenarios/predictor/gpu-work.ts'
import type { TraceRow } from '../../scenarios/predictor/trace/row.ts'
import { oneForAll } from './address.ts'
import { type State, TASKS_MAX } from './state.ts'

/** What a state asks of the predictor: the same as `npm run predict` is asked. Pure. */

/** As far as a trace can say it. */
const TOKENS_MAX = 999_999
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

export const modelName = (size: string): string => `deepseek-r1:${size}`

/** The workers' GPUs, named as `--gpus` takes them. */
function gpusOf({ gpus, model, promptTokens, answerTokens, sizes }: State, slots: number): AskedGpus {
  const kinds = gpus.map((gpu): Kind => {
    const name = `${typeof gpu === 'number' ? `${gpu}ms` : gpu}${slots === 1 ? '' : `:slots=${slots}`}`
    if (typeof gpu === 'number') return { name, slots, batching: [1], work: { meanMs: gpu } }
    const profile = { ...GPU_PROFILES[gpu]!, slots }
    return { name, slots, batching: slotSpeeds(profile), work: { profile } }
  })
  return {
    kinds,
    fleet: kinds.map((_, i) => i),
    model: modelName(model),
    sizes: { promptTokens, answerTokens, varied: sizes === 'varied' },
  }
}

/** Of arrivals that are a file: each with its length, as a trace has it. */
function rowsOf(state: State, start: Start): TraceRow[] | undefined {
  if (start.kind !== 'trace') return undefined
  const { sizes } = gpusOf(state, 1)
  return drawnLengths({ sizes, seed: state.seed }, start.publishedMs.length).map(({ prompt, answer }, i) => ({
    line: i + 2,
    atMs: start.publishedMs[i]!,
    promptTokens: Math.min(prompt, TOKENS_MAX),
    answerTokens: Math.min(answer, TOKENS_MAX),
  }))
}

/** As the predictor takes it. */
export function describedOf(state: State, side: 0 | 1): Described {
  const { slots, orders } = state.sides[side]
  const start = startOf(state)
  const each = (list: number[]) => [...oneForAll(list)]
  const args = {
    tasks: tasksOf(state),
    serviceMs: [],
    prefetchTasks: each(orders.map(one => one.prefetch)),
    priority: each(orders.map(one => one.priority)),
    backlogMin: each(orders.map(one => one.backlogMin)),
    start,
    trace: {},
    startText: start.kind === 'poisson' ? `poisson:${start.perSecond}/s` : start.kind === 'trace' ? `trace:${ARRIVALS_FILE}` : start.kind,
    load: undefined,
    gpus: gpusOf(state, slots),
    slots: [slots],
    gapMs: state.gapMs,
    consumerTimeoutMs: CONSUMER_TIMEOUT_MS,
    seed: state.seed,
    sweep: false,
    json: false,
  }
  return { ...args, ...gpuWork(args, rowsOf(state, start)) }
}

/** Arrivals as a trace for `predict`, `advise` and `replay`; undefined: none is needed. */
export function arrivalsCsv(state: State): string | undefined {
  const rows = rowsOf(state, startOf(state))?.map(({ atMs, promptTokens, answerTokens }) => {
    const stamp = new Date(Date.UTC(2026, 0, 1) + atMs).toISOString().replace('T', ' ').replace('Z', '')
    return `${stamp},${promptTokens},${answerTokens}`
  })
  return rows && `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join('\n')}\n`
}
