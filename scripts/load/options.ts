import type { LoadPlan, TamperPlan, Traffic } from '../../loadtest/index.ts'
import { botPlan } from '../../loadtest/workloads/bot.ts'
import { chatPlan } from '../../loadtest/workloads/chat.ts'
import { connectionsPlan } from '../../loadtest/workloads/connections.ts'
import { mixedPlan } from '../../loadtest/workloads/mixed.ts'
import { workOf } from '../../scenarios/experiment/replay/lab-work.ts'
import type { Sizes } from '../../scenarios/predictor/advise/question.ts'
import { durationMs } from '../setup/duration.ts'
import type { TraceOptions } from '../setup/trace.ts'
import { BadLoad } from './bad-load.ts'
import { type AskedLab, labOf } from './lab-plan.ts'
import { type BotPrompts, botPrompts } from './prompts.ts'

/** From the command line to a plan. */

export interface LoadOptionsGiven extends TraceOptions, AskedLab {
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
  /** Share of what the GPUs can answer. */
  load?: number
  /** Of prompts and answers; undefined = none were named. */
  lengths?: Sizes
  p99Ms: number
  ttftMs: number
  connections: number
  tamper?: string
}

const FOR_MAX_MS = 3_600_000

/** `30s`, `1500ms`, `2m` -> milliseconds. Throws BAD_LOAD. */
export function loadMs(option: string, text: string): number {
  const ms = durationMs(text, ['ms', 's', 'm'])
  if (ms === undefined || ms > FOR_MAX_MS)
    throw new BadLoad(`${option}: expected a time up to 60m such as 30s, got ${JSON.stringify(text)}`)
  return ms
}

/** Of any trace. */
const ANSWER_TOKENS_MAX = 1_000_000

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
  const asked = workload === 'mixed' ? botRate : rate
  const { trace, ...prompts } = await promptsOf(workload, options, asked, forMs)
  const bot = { ...both, timeScale, ttftMs, ...prompts }
  const from = trace === undefined ? {} : { trace }
  switch (workload) {
    case 'chat':
      return chatPlan(chat)
    case 'bot':
      return { ...botPlan({ ...bot, ...(closed === undefined ? {} : { outstanding: closed }) }), ...from }
    case 'mixed':
      return { ...mixedPlan(chat, bot), ...from }
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

/** What is asked of the bot. @param rate as given. Throws BAD_LOAD. */
async function promptsOf(
  workload: string,
  options: LoadOptionsGiven,
  rate: number | undefined,
  forMs: number,
): Promise<Partial<BotPrompts>> {
  const { load, lengths, trace, closed, seed } = options
  const isBot = workload === 'bot' || workload === 'mixed'
  if (!isBot && (load !== undefined || lengths !== undefined))
    throw new BadLoad(
      `${load === undefined ? '--prompt-tokens, --answer-tokens' : '--load'}: expected the workload bot or mixed, got ${workload}`,
    )
  if (load !== undefined && (rate !== undefined || (closed !== undefined && workload === 'bot')))
    throw new BadLoad(
      `--load sets the rate by what the GPUs can answer. Remove --load or ${rate === undefined ? '--closed' : workload === 'mixed' ? '--bot-rate' : '--rate'}.`,
    )
  if (lengths !== undefined && trace !== undefined)
    throw new BadLoad('--prompt-tokens, --answer-tokens: expected without a trace, which has its own lengths')
  if (!isBot || (load === undefined && lengths === undefined && trace === undefined))
    return rate === undefined ? {} : { ratePerSecond: rate }
  // The cap is raised to the longest answer, unless --set lowers it.
  const work = workOf(labOf(options, { answerTokensMax: ANSWER_TOKENS_MAX }))
  const prompts = await botPrompts({ ...options, sizes: lengths, work, seed }, forMs)
  return { ...prompts, ...(rate === undefined ? {} : { ratePerSecond: rate }) }
}

/** Throws BAD_LOAD. */
export function tamperOf({ tamper }: Pick<LoadOptionsGiven, 'tamper'>): TamperPlan | undefined {
  if (tamper === undefined) return undefined
  const [, kind, every] = /^(drop|duplicate|swap):([1-9]\d{0,8})$/.exec(tamper) ?? []
  if (kind === undefined)
    throw new BadLoad(`--tamper: expected drop, duplicate or swap with a number such as drop:10000, got ${JSON.stringify(tamper)}`)
  return { kind: kind as TamperPlan['kind'], every: Number(every) }
}
