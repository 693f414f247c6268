import type { LoadPlan, TamperPlan, Traffic } from '../../loadtest/index.ts'
import { botPlan } from '../../loadtest/workloads/bot.ts'
import { chatPlan } from '../../loadtest/workloads/chat.ts'
import { connectionsPlan } from '../../loadtest/workloads/connections.ts'
import { mixedPlan } from '../../loadtest/workloads/mixed.ts'
import { fitsPrompt, promptText } from '../../scenarios/experiment/replay/prompt.ts'
import { TraceError } from '../../scenarios/predictor/trace/time.ts'
import { durationMs } from '../setup/duration.ts'
import { type TraceOptions, traceOf } from '../setup/trace.ts'

/** From the command line to a plan. */

export interface LoadOptionsGiven extends TraceOptions {
  rate?: number
  botRate?: number
  closed?: number
  for: string
  warmUp: string
  users?: number
  pairs: Traffic['pairs']
  arrivals: Traffic['arrivals']
  bytes: number
  storm: boolean
  trace?: string
  timeScale: number
  p99Ms: number
  ttftMs: number
  connections: number
  tamper?: string
}

export class BadLoad extends Error {
  readonly code = 'BAD_LOAD'
}

const FOR_MAX_MS = 3_600_000

/** `30s`, `1500ms`, `2m` -> milliseconds. Throws BAD_LOAD. */
export function loadMs(option: string, text: string): number {
  const ms = durationMs(text, ['ms', 's', 'm'])
  if (ms === undefined || ms > FOR_MAX_MS)
    throw new BadLoad(`${option}: expected a time up to 60m such as 30s, got ${JSON.stringify(text)}`)
  return ms
}

export const WORKLOADS = ['chat', 'bot', 'mixed', 'http', 'connections', 'noop', 'peers', 'growth'] as const

/** Throws BAD_LOAD. */
export async function planOf(workload: string, options: LoadOptionsGiven): Promise<LoadPlan> {
  const { rate, botRate, closed, users, pairs, arrivals, bytes: bodyBytes, storm, timeScale, p99Ms, ttftMs } = options
  const forMs = loadMs('--for', options.for)
  if (forMs < 1_000) throw new BadLoad(`--for: expected a second or more, got ${options.for}`)
  const warmUpMs = loadMs('--warm-up', options.warmUp)
  if (rate !== undefined && closed !== undefined)
    throw new BadLoad('--rate (open loop) and --closed (closed loop) cannot be combined. Remove one of them.')
  if (workload !== 'bot' && users !== undefined && users % 2 === 1)
    throw new BadLoad(`--users: expected an even number, for pairs, got ${users}`)
  if (storm && workload !== 'chat') throw new BadLoad(`--storm: expected the workload chat, got ${workload}`)
  if (options.trace !== undefined && workload !== 'bot' && workload !== 'mixed')
    throw new BadLoad(`--trace: expected the workload bot or mixed, got ${workload}`)
  const both = { forMs, warmUpMs, arrivals, ...(users === undefined ? {} : { users }) }
  const chat = {
    ...both,
    pairs,
    bodyBytes,
    storm,
    p99Ms,
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    ...(closed === undefined ? {} : { outstanding: closed }),
  }
  const prompts = options.trace === undefined ? [] : await promptsOf(options.trace, options, forMs)
  const asked = workload === 'mixed' ? botRate : rate
  const botRateGiven =
    prompts.length > 0 && asked === undefined ? { ratePerSecond: 0 } : asked === undefined ? {} : { ratePerSecond: asked }
  const bot = { ...both, timeScale, ttftMs, prompts, ...botRateGiven }
  switch (workload) {
    case 'chat':
      return chatPlan(chat)
    case 'bot':
      return botPlan({ ...bot, ...(closed === undefined ? {} : { outstanding: closed }) })
    case 'mixed':
      return mixedPlan(chat, bot)
    case 'http': // Its rate is whatever it takes: only its time is of the plan.
      return { ...chatPlan(chat), workload }
    case 'connections':
      return connectionsPlan({ connections: options.connections, forMs, warmUpMs, p99Ms })
    default:
      throw new BadLoad(
        `expected one of ${WORKLOADS.join(', ')}, got ${JSON.stringify(workload)}\nLike this: npm run load -- chat --rate 1000 --for 30s`,
      )
  }
}

/** The trace's sizes, and its gaps divided by the time scale like the times of the GPUs. */
async function promptsOf(file: string, options: LoadOptionsGiven, forMs: number): Promise<Traffic['prompts']> {
  const { timeScale } = options
  const { rows } = await traceOf(file, options, {
    example: 'npm run load -- bot --trace trace.csv',
    enough: ({ atMs }, first) => atMs - first.atMs >= forMs * timeScale,
  }).catch((error: unknown) => {
    throw error instanceof TraceError ? new BadLoad(`--trace: ${error.message}`) : error
  })
  const fitting = rows.filter(({ promptTokens }) => fitsPrompt(promptTokens))
  const [first] = fitting
  if (first === undefined) throw new BadLoad(`--trace: every prompt of ${file} is too long`)
  return fitting
    .map(({ atMs, promptTokens, answerTokens }) => ({
      atMs: (atMs - first.atMs) / timeScale,
      text: promptText(promptTokens, answerTokens),
    }))
    .filter(({ atMs }) => atMs < forMs)
}

/** Throws BAD_LOAD. */
export function tamperOf({ tamper }: Pick<LoadOptionsGiven, 'tamper'>): TamperPlan | undefined {
  if (tamper === undefined) return undefined
  const [, kind, every] = /^(drop|duplicate|swap):([1-9]\d{0,8})$/.exec(tamper) ?? []
  if (kind === undefined)
    throw new BadLoad(`--tamper: expected drop, duplicate or swap with a number such as drop:10000, got ${JSON.stringify(tamper)}`)
  return { kind: kind as TamperPlan['kind'], every: Number(every) }
}
