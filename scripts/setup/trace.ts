import { InvalidArgumentError, Option } from 'commander'
import { readTrace, type Trace } from '../../scenarios/experiment/trace/read.ts'
import type { Fitting, LongPrompts } from '../../scenarios/predictor/trace/long-prompts.ts'
import type { Columns, TraceRow } from '../../scenarios/predictor/trace/row.ts'
import { TIME_UNITS, type TimeUnit, TraceError } from '../../scenarios/predictor/trace/time.ts'
import { durationMs } from './duration.ts'
import { unreadable } from './program.ts'

/** `--columns` and `--from`, the same in every command that reads a trace. */

export interface TraceOptions {
  /** As typed. */
  columns?: string
  from?: string
  longPrompts?: LongPrompts
}

export const TRACE_FORMS = 'CSV or JSON lines, .gz too: Azure LLM, BurstGPT, Mooncake, Qwen-Bailian, Vidur, or --columns'

export const columnsOption = () =>
  new Option(
    '--columns <LIST>',
    'columns of a trace: time=NAME,prompt=NAME,answer=NAME; time=NAME:s, :ms, :us or :ns for its unit',
  ).argParser(checked(columnsOf))
export const fromOption = () =>
  new Option('--from <TIME>', 'rows of a trace from this long after its first one: 90s, 20m, 2h, 3d').argParser(checked(fromMsOf))

export const longPromptsOption = (choices: readonly LongPrompts[]) =>
  new Option('--long-prompts <HOW>', "prompts of a trace beyond the chat's limit or a GPU's context").choices(choices).default(choices[0])

/** Stays as typed, so that it can be typed again. */
function checked(read: (text: string) => unknown): (text: string) => string {
  return text => {
    read(text)
    return text
  }
}

const KEYS = ['time', 'prompt', 'answer'] as const

/** `time=created:ms,prompt=in,answer=out` */
function columnsOf(text: string): Columns {
  const pairs = text.split(',').map((part): [string, string] => {
    const [, key = '', name = ''] = /^\s*([^=]+)=(.+)$/.exec(part) ?? []
    if (!KEYS.some(known => known === key) || name === '')
      throw new InvalidArgumentError(`Expected ${KEYS.join('=, ')}= with a column each, joined by commas, got ${JSON.stringify(part)}.`)
    return [key, name.trim()]
  })
  const { time, ...sizes } = Object.fromEntries(pairs) as { time?: string; prompt?: string; answer?: string }
  if (time === undefined) return sizes
  const unit = TIME_UNITS.find(one => time.endsWith(`:${one}`))
  return unit === undefined ? { ...sizes, time } : { ...sizes, time: time.slice(0, -unit.length - 1), unit: unit satisfies TimeUnit }
}

function fromMsOf(text: string): number {
  const ms = durationMs(text, ['s', 'm', 'h', 'd'])
  if (ms === undefined) throw new InvalidArgumentError(`Expected a time such as 90s, 20m, 2h or 3d, got ${JSON.stringify(text)}.`)
  return ms
}

interface Wanted {
  /** What to type, if it cannot be read. */
  example: string
  /** false: a file of times alone will do. */
  sizes?: boolean
  enough: (row: TraceRow, first: TraceRow) => boolean
  /** How long prompts are taken. Default: they stay. */
  fitting?: Fitting
}

/** Throws TraceError, also for a file that cannot be read or has no row. */
export async function traceOf(
  path: string,
  { columns, from }: TraceOptions,
  { example, sizes = true, enough, fitting }: Wanted,
): Promise<Trace> {
  const asked = {
    path,
    sizes,
    ...(fitting === undefined ? {} : { fit: fitting.fit }),
    ...(columns === undefined ? {} : { columns: columnsOf(columns) }),
    ...(from === undefined ? {} : { fromMs: fromMsOf(from) }),
  }
  const trace = await readTrace(asked, enough).catch((error: unknown) => {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new TraceError(`${unreadable(path, error)}\nType for example: ${example}`)
  })
  if (trace.rows.length > 0) return trace
  const after = from === undefined ? '' : ` from ${from} on`
  const long =
    fitting === undefined || fitting.rows === 0 ? '' : `, and ${fitting.rows} with prompts over ${fitting.promptTokensMax} tokens`
  throw new TraceError(
    `${path}: expected a row with an answer${after}, got ${trace.unanswered} without${long}\nType for example: ${example}`,
  )
}

/** Ends the reading after a number of rows. */
export function firstRows(count: number): () => boolean {
  let seen = 0
  return () => ++seen >= count
}
