import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import type { TraceRow } from '../../predictor/trace/row.ts'
import { TraceError } from '../../predictor/trace/time.ts'
import { readTrace, type TraceAsked } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'trace-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'day.csv')
function read(content: string | Buffer, asked: Partial<TraceAsked> = {}, enough: (row: TraceRow) => boolean = () => false) {
  writeFileSync(path, content)
  return readTrace({ path, ...asked }, enough)
}
const lengths = ({ rows }: { rows: TraceRow[] }) => rows.map(({ atMs, promptTokens, answerTokens }) => [atMs, promptTokens, answerTokens])

const AZURE = 'TIMESTAMP,ContextTokens,GeneratedTokens'
const GOOD = '2024-01-02 03:04:05,1,1'
const START_MS = Date.UTC(2024, 0, 2, 3, 4, 5)

describe('published forms', () => {
  test('Azure LLM: CRLF, seven digits of a second, a last line that ends', async () => {
    const { rows } = await read(`${AZURE}\r\n2024-01-02 03:04:05.5000000,374,44\r\n2024-01-02 03:04:06.7500001,12,1000\r\n`)
    expect(rows).toEqual([
      { line: 2, atMs: START_MS + 500, promptTokens: 374, answerTokens: 44 },
      { line: 3, atMs: expect.closeTo(START_MS + 1_750.000_1, 3), promptTokens: 12, answerTokens: 1_000 },
    ])
  })

  test('BurstGPT: seconds, and failures without an answer left out', async () => {
    const trace = await read(
      'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,0,1087,API log\n110.5,GPT-4,417,505,922,API log\n',
    )
    expect(lengths(trace)).toEqual([
      [5_000, 472, 18],
      [110_500, 417, 505],
    ])
    expect(trace.unanswered).toBe(1)
  })

  test.each([
    ['Mooncake', '', 27_482],
    ['Qwen-Bailian', '"chat_id": 159, ', 27_482_000],
  ])('%s: JSON lines, each with its own unit', async (_, mark, atMs) => {
    const line = `{${mark}"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}`
    expect(lengths(await read(`${line}\n\n${line}\n`))).toEqual(Array(2).fill([atMs, 6_955, 52]))
  })

  test('Vidur: seconds with a fraction', async () => {
    const trace = await read('arrived_at,num_prefill_tokens,num_decode_tokens\n0.0,591,140\n0.125,547,248')
    expect(lengths(trace)).toEqual([
      [0, 591, 140],
      [125, 547, 248],
    ])
  })
})

describe('one’s own columns', () => {
  const named = { time: 'created', prompt: 'in', answer: 'out' }
  test.each([
    [
      'semicolons, a decimal comma, a mark of the order of bytes',
      '\uFEFFcreated;out;in\r\n1704164645123,5;44;374\r\n',
      named,
      START_MS + 123.5,
    ],
    ['quoted fields with commas and lines in them', 'note,created,in,out\n"a, ""b""\nc",1704164645,374.0,44', named, START_MS],
    ['microseconds since 1970', 'created\tin\tout\n1704164645000000\t374\t44', named, START_MS],
    ['an hour of its own zone', 'created,in,out\n2024-01-02T05:04:05+02:00,374,44', named, START_MS],
    ['a unit', 'created,in,out\n250,374,44', { ...named, unit: 's' as const }, 250_000],
    ['a known form but for one column', 'TIMESTAMP,in,GeneratedTokens\n2024-01-02 03:04:05,374,44', { prompt: 'in' }, START_MS],
  ])('%s', async (_, content, columns, atMs) => {
    expect(lengths(await read(content, { columns }))).toEqual([[atMs, 374, 44]])
  })

  test('times alone will do where lengths are not asked for', async () => {
    const content = `TIMESTAMP\n2024-01-02 03:04:05\n`
    expect(lengths(await read(content, { sizes: false }))).toEqual([[START_MS, 0, 0]])
    await expect(read(content)).rejects.toThrow(/the columns of a known form .*got "TIMESTAMP"/)
  })
})

test.each(['2024-01-02T03:04:05Z', '2024-01-02 03:04:05+00:00', '2024-01-02 03:04:05.000', '2024-01-02 03:04:05 UTC'])(
  '%s is the same time',
  async timestamp => {
    expect(lengths(await read(`${AZURE}\n${timestamp},1,1`))).toEqual([[START_MS, 1, 1]])
  },
)

test('a zipped trace is read no further than needed, from a time on', async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => `2024-01-02 03:${String(Math.floor(i / 1_800)).padStart(2, '0')}:05,${i},7`)
  let seen = 0
  const trace = await read(gzipSync([AZURE, ...rows.slice(0, 90_000), 'broken'].join('\n')), { fromMs: 600_000 }, () => ++seen === 3)
  expect(trace.rows.map(row => row.promptTokens)).toEqual([18_000, 18_001, 18_002])
})

describe('a trace of many chunks leaves nothing behind', () => {
  const csv = [AZURE, GOOD, ...Array.from({ length: 30_000 }, () => GOOD)].join('\n')
  const json = Array.from({ length: 30_000 }, () => '{"timestamp": 0, "input_length": 1, "output_length": 1}').join('\n')
  // An error that nobody waits for fails the run.
  const settled = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  test.each([
    ['CSV', csv],
    ['JSON lines', json],
    ['zipped CSV', gzipSync(csv, { level: 0 })],
    ['zipped JSON lines', gzipSync(json, { level: 0 })],
  ])('%s: after a few rows, and after a bad one', async (_, content) => {
    for (const rows of [1, 2, 500, 5_000]) {
      let seen = 0
      expect((await read(content, {}, () => ++seen === rows)).rows).toHaveLength(rows)
      await settled()
    }
    await expect(read(content, { columns: { time: 'nowhere' } })).rejects.toThrow(TraceError)
    await settled()
  })
})

test.each([
  ['', 'line 1: expected a header'],
  ['at,prompt,answer\n1,2,3', 'line 1: expected the columns of a known form'],
  ['{"conversations": []}', /got "conversations"\nSay which to read: .*Texts have no arrival times/],
  ['[{"timestamp": 1}]', /line 1: expected CSV, or JSON with an object a line.*\nMake lines of the list: jq/],
  ['{"timestamp": 0, "input_length": 1, "output_length": 1}\n{"timestamp', 'line 2: expected a JSON object'],
  [
    '{"timestamp": 0.2, "input_length": 1, "output_length": 1}',
    /whole milliseconds, got "0.2"\nIf these are seconds: --columns time=timestamp:s/,
  ],
  [`${AZURE}\n${GOOD}\n\n${GOOD}`, 'line 3: expected 3 fields'],
  [`${AZURE}\n${GOOD}\n2024-01-02 03:04:06,5`, 'line 3: expected 3 fields'],
  [`${AZURE}\n${GOOD},7`, 'line 2: expected 3 fields'],
  [`${AZURE}\n"${GOOD}`, 'not CSV: '],
  [`${AZURE}\nyesterday,1,1`, 'line 2: expected a time such as'],
  [`${AZURE}\n2024-13-02 03:04:05,1,1`, 'line 2: expected a time that exists'],
  [`${AZURE}\n17,1,1`, /line 2: expected a date, or a number whose unit is known, got "17"\nSay the unit: --columns time=TIMESTAMP:s/],
  [`${AZURE}\n${GOOD}\n1704164646,1,1`, 'line 3: expected a time such as'],
  [`${AZURE}\n2024-01-02 03:04:05,-1,1`, 'line 2: expected ContextTokens as a whole number up to 999999, got "-1"'],
  [`${AZURE}\n2024-01-02 03:04:05,1,1.5`, 'line 2: expected GeneratedTokens as a whole number up to 999999, got "1.5"'],
  [`${AZURE}\n${GOOD}\n2024-01-02 03:04:04,1,1`, /line 3: expected a time not before the row above.*\nSort the file by TIMESTAMP first/],
])('%j is refused with file, line and what to do', async (content, message) => {
  const refusal = read(content)
  await expect(refusal).rejects.toThrow(TraceError)
  await expect(refusal).rejects.toThrow(message)
  await expect(refusal).rejects.toThrow(/^\S+day\.csv: /)
})

test('a zipped trace that was cut off is an error, with what came before it unread', async () => {
  const whole = gzipSync(`${AZURE}\n${`${GOOD}\n`.repeat(20_000)}`, { level: 0 })
  await expect(read(whole.subarray(0, whole.length / 2))).rejects.toThrow(/day\.csv: not a whole gzip file: unexpected end/)
})

test('a column that is not there is refused with those that are', async () => {
  await expect(read(`${AZURE}\n${GOOD}`, { columns: { prompt: 'in' } })).rejects.toThrow(
    'line 1: expected a column "in", got "TIMESTAMP, ContextTokens, GeneratedTokens"',
  )
})
