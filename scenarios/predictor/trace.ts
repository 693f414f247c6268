/** A request of the trace. */
export interface TraceRow {
  /** In the file, counted from 1, the header included. */
  line: number
  /** Milliseconds since 1970, with fractions. */
  atMs: number
  promptTokens: number
  answerTokens: number
}

/** Not a trace: the message has line, expected and got. */
export class TraceError extends Error {
  readonly code = 'BAD_TRACE'
}

const HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens'
/** 2023-11-16 18:15:46.6805900, always UTC. */
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d{1,9})?(?:Z|\+00:00)?$/
/** As far as an answer directive can say it. */
const TOKENS = /^\d{1,6}$/

/** A CSV trace's rows (TIMESTAMP, ContextTokens, GeneratedTokens; ascending). Throws TraceError at
 *  the first bad row. @param file begins the message */
export function parseTrace(text: string, file?: string): TraceRow[] {
  try {
    return rowsOf(text)
  } catch (error) {
    if (file === undefined || !(error instanceof TraceError)) throw error
    throw new TraceError(`${file}: ${error.message}`, { cause: error })
  }
}

function rowsOf(text: string): TraceRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  while (lines.length > 1 && lines.at(-1) === '') lines.pop()
  if (lines[0] !== HEADER) throw new TraceError(`line 1: expected the header ${HEADER}, got ${quoted(lines[0] ?? '')}`)
  let previousMs = Number.NEGATIVE_INFINITY
  return lines.slice(1).map((content, index) => {
    const row = parseRow(content, index + 2)
    if (row.atMs < previousMs)
      throw new TraceError(
        `line ${row.line}: expected a time not before the row above, got ${quoted(content)}. Sort the file by TIMESTAMP.`,
      )
    previousMs = row.atMs
    return row
  })
}

function parseRow(content: string, line: number): TraceRow {
  const [timestamp = '', prompt = '', answer = '', ...more] = content.split(',')
  const refuse = (expected: string, seen: string): never => {
    throw new TraceError(`line ${line}: expected ${expected}, got ${quoted(seen)}`)
  }
  if (more.length > 0 || content.split(',').length < 3) refuse(`three fields (${HEADER})`, content)
  const [, day, time, fraction = '0'] = TIMESTAMP.exec(timestamp) ?? refuse('a time such as 2023-11-16 18:15:46.6805900', timestamp)
  const wholeMs = Date.parse(`${day}T${time}Z`)
  if (Number.isNaN(wholeMs)) refuse('a time that exists', timestamp)
  if (!TOKENS.test(prompt)) refuse('ContextTokens as a whole number up to 999999', prompt)
  if (!TOKENS.test(answer)) refuse('GeneratedTokens as a whole number up to 999999', answer)
  return { line, atMs: wholeMs + 1_000 * Number(fraction), promptTokens: Number(prompt), answerTokens: Number(answer) }
}

const quoted = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
