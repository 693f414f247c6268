import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CsvError, parse } from 'csv-parse'
import { type Columns, type Fields, formOf, RowReader, type TraceRow } from '../../predictor/trace/row.ts'
import { refused, TraceError } from '../../predictor/trace/time.ts'

export interface TraceAsked {
  path: string
  columns?: Columns
  /** Rows from this long after the first one. Milliseconds, default 0. */
  fromMs?: number
  /** false: a file of times alone will do. Default true. */
  sizes?: boolean
  /** Changes a row, or leaves it out. */
  fit?: (row: TraceRow) => TraceRow | undefined
}

export interface Trace {
  rows: TraceRow[]
  /** Rows left out since nobody answered them: their answers have no tokens. */
  unanswered: number
}

/** A trace's rows, read as a stream until there are enough. Throws TraceError, and what the file
 *  system throws. @param enough told each row that counts, in order, and the first of them */
export async function readTrace(asked: TraceAsked, enough: (row: TraceRow, first: TraceRow) => boolean): Promise<Trace> {
  const { path, fromMs = 0, sizes = true, fit: fitted = row => row } = asked
  const trace: Trace = { rows: [], unanswered: 0 }
  let startMs: number | undefined
  try {
    for await (const read of rowsOf(asked)) {
      startMs ??= read.atMs
      if (read.atMs - startMs < fromMs) continue
      const row = fitted(read)
      if (row === undefined) continue
      if (sizes && row.answerTokens === 0) trace.unanswered++
      else {
        trace.rows.push(row)
        if (enough(row, trace.rows[0]!)) break
      }
    }
  } catch (error) {
    if (error instanceof TraceError) throw new TraceError(`${path}: ${error.message}`, { cause: error })
    if (error instanceof CsvError) throw new TraceError(`${path}: not CSV: ${error.message}`, { cause: error })
    if (error instanceof Error && 'code' in error && /^Z_/.test(String(error.code)))
      throw new TraceError(`${path}: not a whole gzip file: ${error.message}`, { cause: error })
    throw error
  }
  return trace
}

/** Checked rows. */
async function* rowsOf({ path, columns = {}, sizes = true }: TraceAsked): AsyncGenerator<TraceRow> {
  let reader: RowReader | undefined
  for await (const { line, columns: found, field } of recordsOf(path)) {
    reader ??= new RowReader(formOf(found, columns, sizes))
    yield reader.read(line, field)
  }
}

interface Found {
  line: number
  columns: readonly string[]
  field: Fields
}

const BRACE = '{'
const BRACKET = '['

/** Records of CSV or JSON lines, zipped or not: the first bytes tell. */
async function* recordsOf(path: string): AsyncGenerator<Found> {
  const file = createReadStream(path)
  const left = new AbortController()
  try {
    const bytes = await peeked(file, left.signal)
    const isZipped = bytes.first[0] === 0x1f && bytes.first[1] === 0x8b
    const plain = isZipped ? await peeked(unzipped(Readable.from(bytes.all())), left.signal) : bytes
    const text = plain.first
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart()
    if (text.startsWith(BRACKET)) refused(1, 'CSV, or JSON with an object a line', text, "Make lines of the list: jq -c '.[]' FILE")
    const stream = Readable.from(plain.all())
    yield* text.startsWith(BRACE) ? jsonLines(stream) : csvRecords(stream, text.split(/\r?\n/)[0] ?? '')
  } finally {
    left.abort()
    file.destroy()
  }
}

function unzipped(bytes: Readable): Readable {
  const gunzip = createGunzip()
  // Its reader gets the errors; after the last read nobody wants them.
  gunzip.on('error', () => undefined)
  bytes.on('error', error => gunzip.destroy(error)).pipe(gunzip)
  return gunzip
}

interface Peeked {
  first: Buffer
  all: () => AsyncGenerator<Buffer>
}

/** The first chunk, and a stream that begins with it. @param left nobody reads on: what was read
 *  ahead then ends, without an error */
async function peeked(stream: AsyncIterable<Buffer>, left: AbortSignal): Promise<Peeked> {
  const chunks = stream[Symbol.asyncIterator]()
  const { value: first = Buffer.alloc(0) } = (await chunks.next()) as { value?: Buffer }
  async function* all() {
    yield first
    try {
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
    } catch (error) {
      if (!left.aborted) throw error
    }
  }
  return { first, all }
}

async function* csvRecords(bytes: Readable, header: string): AsyncGenerator<Found> {
  const count = (sign: string) => header.split(sign).length
  const delimiter = [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0]!
  const records = parse({ bom: true, delimiter, info: true, relax_column_count: true, trim: true })
  bytes.on('error', error => records.destroy(error)).pipe(records)
  let columns: string[] | undefined
  let places = new Map<string, number>()
  for await (const { record, info } of records as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (columns === undefined) {
      columns = record
      places = new Map(record.map((name, place) => [name, place]))
      continue
    }
    if (record.length !== columns.length)
      refused(info.lines, `${columns.length} fields (${columns.join(delimiter)})`, record.join(delimiter))
    yield { line: info.lines, columns, field: name => record[places.get(name) ?? -1] }
  }
  if (columns === undefined) refused(1, 'a header', '')
}

async function* jsonLines(bytes: Readable): AsyncGenerator<Found> {
  let line = 0
  for await (const text of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    if (text.trim() === '') continue
    const record = objectOf(text.replace(/^\uFEFF/, ''), line)
    yield { line, columns: Object.keys(record), field: name => (record[name] === undefined ? undefined : String(record[name])) }
  }
}

function objectOf(text: string, line: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return refused(line, 'a JSON object', text)
}
