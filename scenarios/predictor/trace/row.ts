import { type Clock, clockOf, refused, type TimeUnit, whenMs } from './time.ts'

/** A request of a trace. */
export interface TraceRow {
  /** In the file, counted from 1, the header included. */
  line: number
  /** Milliseconds since 1970 or since the trace's own start, with fractions. */
  atMs: number
  promptTokens: number
  answerTokens: number
}

/** Which columns to read, of those that a known form does not name. */
export interface Columns {
  time?: string
  unit?: TimeUnit
  prompt?: string
  answer?: string
}

/** The columns of a file. */
export interface Form {
  time: string
  /** Of numbers; undefined: only dates and times since 1970 are read. */
  unit: TimeUnit | undefined
  /** Undefined: the file has no lengths. */
  prompt: string | undefined
  answer: string | undefined
}

/** Field by column. */
export type Fields = (column: string) => string | undefined

/** Published traces. The unit of Mooncake's times is that of the tools that replay it. */
const KNOWN: readonly (Form & { name: string; mark?: string })[] = [
  { name: 'Azure LLM', time: 'TIMESTAMP', unit: undefined, prompt: 'ContextTokens', answer: 'GeneratedTokens' },
  { name: 'BurstGPT', time: 'Timestamp', unit: 's', prompt: 'Request tokens', answer: 'Response tokens' },
  { name: 'Vidur', time: 'arrived_at', unit: 's', prompt: 'num_prefill_tokens', answer: 'num_decode_tokens' },
  { name: 'Qwen-Bailian', mark: 'chat_id', time: 'timestamp', unit: 's', prompt: 'input_length', answer: 'output_length' },
  { name: 'Mooncake', time: 'timestamp', unit: 'ms', prompt: 'input_length', answer: 'output_length' },
]

const EXAMPLE = '--columns time=COLUMN,prompt=COLUMN,answer=COLUMN'

/** The columns asked for, the others by the known form that has them. Throws TraceError.
 *  @param found as the file has them @param sizes false: a file of times alone will do */
export function formOf(found: readonly string[], { time, unit, prompt, answer }: Columns, sizes: boolean): Form {
  const missing = [time, prompt, answer].find(name => name !== undefined && !found.includes(name))
  if (missing !== undefined) refused(1, `a column ${JSON.stringify(missing)}`, found.join(', '), 'Name one that is there: --columns')
  const has = (column: string | undefined, asked?: string) => column === undefined || asked !== undefined || found.includes(column)
  const known = KNOWN.find(form => has(form.mark) && has(form.time, time) && has(form.prompt, prompt) && has(form.answer, answer))
  const form = {
    time: time ?? known?.time ?? (sizes ? undefined : KNOWN.find(one => found.includes(one.time))?.time),
    unit: unit ?? (time === undefined || time === known?.time ? known?.unit : undefined),
    prompt: prompt ?? known?.prompt,
    answer: answer ?? known?.answer,
  }
  if (form.time === undefined || (sizes && (form.prompt === undefined || form.answer === undefined))) {
    const forms = KNOWN.map(one => `${one.name}: ${one.time}, ${one.prompt}, ${one.answer}`).join('; ')
    const only = found.some(name => /^(conversations?|messages|prompt)$/.test(name)) ? ' Texts have no arrival times.' : ''
    return refused(1, `the columns of a known form (${forms})`, found.join(','), `Say which to read: ${EXAMPLE}${only}`)
  }
  return { ...form, time: form.time }
}

/** As far as an answer directive can say it; 374.0 is what some tools make of 374. */
const TOKENS = /^(\d{1,6})(?:\.0+)?$/

/** Reads one row after the other: times may not go back. */
export class RowReader {
  readonly #form: Form
  #clock: Clock | undefined
  #previousMs = Number.NEGATIVE_INFINITY

  constructor(form: Form) {
    this.#form = form
  }

  /** Throws TraceError. */
  read(line: number, field: Fields): TraceRow {
    const { time, unit, prompt, answer } = this.#form
    const text = field(time)?.trim() ?? ''
    this.#clock ??= clockOf(text, unit, line, time)
    const atMs = whenMs(text, this.#clock, line, time)
    if (atMs < this.#previousMs) refused(line, 'a time not before the row above', text, `Sort the file by ${time} first`)
    this.#previousMs = atMs
    return { line, atMs, promptTokens: tokens(line, field, prompt), answerTokens: tokens(line, field, answer) }
  }
}

function tokens(line: number, field: Fields, column: string | undefined): number {
  if (column === undefined) return 0
  const text = field(column)?.trim() ?? ''
  const [, whole] = TOKENS.exec(text) ?? []
  return whole === undefined ? refused(line, `${column} as a whole number up to 999999`, text) : Number(whole)
}
