import { profiledTimes } from '#predictor'
import type { LoadPlan, Traffic } from '../../loadtest/index.ts'
import type { workOf } from '../../scenarios/experiment/replay/lab-work.ts'
import { Capacity } from '../../scenarios/experiment/replay/plan.ts'
import { promptText } from '../../scenarios/experiment/replay/prompt.ts'
import { drawnLengths } from '../../scenarios/predictor/advise/draw.ts'
import type { Sizes } from '../../scenarios/predictor/advise/question.ts'
import { Fitting, longestPrompt } from '../../scenarios/predictor/trace/long-prompts.ts'
import type { TraceRow } from '../../scenarios/predictor/trace/row.ts'
import { TraceError } from '../../scenarios/predictor/trace/time.ts'
import { type TraceOptions, traceOf } from '../setup/trace.ts'
import { BadLoad } from './bad-load.ts'

/** What a load asks the bot, and when: a trace, or lengths; at a rate or a share of capacity. */

export interface BotAsked extends TraceOptions {
  trace?: string
  /** Share of what the GPUs can answer; undefined = a rate, or the trace's own gaps. */
  load?: number
  /** Undefined: of a trace its own, else short ones whose answers the model draws. */
  sizes: Sizes | undefined
  seed: number
  work: ReturnType<typeof workOf>
}

export interface BotPrompts extends Pick<LoadPlan, 'trace'> {
  prompts: Traffic['prompts']
  /** 0: the prompts' own times. Undefined: the default. */
  ratePerSecond?: number
}

/** Lengths repeat after these. */
const LENGTHS = 2_000

/** Throws BAD_LOAD. */
export async function botPrompts(asked: BotAsked, forMs: number): Promise<BotPrompts> {
  if (asked.trace !== undefined) return ofTrace(asked, asked.trace, forMs)
  if (asked.sizes === undefined) return { prompts: [] }
  const { sizes, seed, work, load } = asked
  const fitting = drawnLengths({ sizes, seed }, LENGTHS).filter(({ prompt }) => prompt <= longestPrompt(work.contextTokens))
  if (fitting.length === 0)
    throw new BadLoad(`--prompt-tokens: expected at most ${longestPrompt(work.contextTokens)}, got ${sizes.promptTokens}`)
  const prompts = fitting.map(({ prompt, answer }) => ({ atMs: 0, text: promptText(prompt, answer) }))
  if (load === undefined) return { prompts }
  const capacity = new Capacity(work.gpus)
  for (const [i, { prompt, answer }] of fitting.entries())
    capacity.add(timesOf(asked, `length-${i}`, { promptTokens: prompt, answerTokens: answer }))
  return { prompts, ratePerSecond: load * capacity.perSecond }
}

/** On the wall, as the lab's GPUs take it. */
function timesOf({ work, seed }: BotAsked, id: string, { promptTokens, answerTokens }: Pick<TraceRow, 'promptTokens' | 'answerTokens'>) {
  const drawn = { profiles: work.gpus.map(({ profile }) => profile), model: work.model, seed, timeScale: work.timeScale }
  return profiledTimes(drawn, id, promptTokens, Math.min(answerTokens, work.answerTokensMax)).serviceMs
}

/** Its sizes; its gaps divided by the time scale like the times of the GPUs, or stretched. */
async function ofTrace(asked: BotAsked, file: string, forMs: number): Promise<BotPrompts> {
  const { work, load } = asked
  const capacity = new Capacity(work.gpus)
  const fitting = new Fitting(asked.longPrompts ?? 'skip', work.contextTokens)
  let sent = 0
  /** From the first to the last of those sent, at that load. */
  const lastsMs = () => ((sent - 1) * 1_000) / ((load ?? 1) * capacity.perSecond)
  const { rows } = await traceOf(file, asked, {
    example: 'npm run load -- bot --trace trace.csv',
    fitting,
    enough: (row, first) => {
      sent += 1
      if (load === undefined) return row.atMs - first.atMs >= forMs * work.timeScale
      capacity.add(timesOf(asked, `line-${row.line}`, row))
      return lastsMs() >= forMs
    },
  }).catch((error: unknown) => {
    throw error instanceof TraceError ? new BadLoad(`--trace: ${error.message}`) : error
  })
  const [first, last] = [rows[0]!, rows.at(-1)!]
  const spanMs = last.atMs - first.atMs
  if (load !== undefined && spanMs === 0)
    throw new BadLoad(`--load: expected rows of ${file} at different times, got ${rows.length} at once`)
  const stretch = load === undefined ? 1 : (lastsMs() * work.timeScale) / spanMs
  const prompts = rows
    .map(({ atMs, promptTokens, answerTokens }) => ({
      atMs: ((atMs - first.atMs) * stretch) / work.timeScale,
      text: promptText(promptTokens, answerTokens),
    }))
    .filter(({ atMs }) => atMs < forMs)
  const trace = { file, rows: prompts.length, stretch, tooLong: fitting.counted }
  return { prompts, ratePerSecond: 0, trace }
}
