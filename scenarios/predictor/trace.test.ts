import { expect, test } from 'vitest'
import { parseTrace, TraceError } from './trace.ts'

const HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens'

test('reads the published form: CRLF, seven digits of a second, a last line that ends', () => {
  const rows = parseTrace(`${HEADER}\r\n2024-01-02 03:04:05.5000000,374,44\r\n2024-01-02 03:04:06.7500001,12,1000\r\n`)
  const startMs = Date.UTC(2024, 0, 2, 3, 4, 5)
  expect(rows).toEqual([
    { line: 2, atMs: startMs + 500, promptTokens: 374, answerTokens: 44 },
    { line: 3, atMs: expect.closeTo(startMs + 1_750.000_1, 3), promptTokens: 12, answerTokens: 1_000 },
  ])
})

test.each(['2024-01-02T03:04:05Z', '2024-01-02 03:04:05+00:00', '2024-01-02 03:04:05.000'])('%s is the same time in UTC', timestamp => {
  expect(parseTrace(`\uFEFF${HEADER}\n${timestamp},1,1`)[0]?.atMs).toBe(Date.UTC(2024, 0, 2, 3, 4, 5))
})

const GOOD = '2024-01-02 03:04:05,1,1'
test.each([
  ['', 'line 1: expected the header'],
  ['timestamp,prompt,answer\n', 'line 1: expected the header'],
  [`${HEADER}\n${GOOD}\n\n${GOOD}`, 'line 3: expected three fields'],
  [`${HEADER}\n${GOOD}\n2024-01-02 03:04:06,5`, 'line 3: expected three fields'],
  [`${HEADER}\n${GOOD},7`, 'line 2: expected three fields'],
  [`${HEADER}\nyesterday,1,1`, 'line 2: expected a time such as'],
  [`${HEADER}\n2024-13-02 03:04:05,1,1`, 'line 2: expected a time that exists'],
  [`${HEADER}\n2024-01-02 03:04:05,-1,1`, 'line 2: expected ContextTokens as a whole number up to 999999, got "-1"'],
  [`${HEADER}\n2024-01-02 03:04:05,1,1.5`, 'line 2: expected GeneratedTokens as a whole number up to 999999, got "1.5"'],
  [`${HEADER}\n${GOOD}\n2024-01-02 03:04:04,1,1`, 'line 3: expected a time not before the row above'],
])('%j is refused with its line', (text, message) => {
  expect(() => parseTrace(text)).toThrow(TraceError)
  expect(() => parseTrace(text)).toThrow(message)
})

test('the message names the file, where there is one', () => {
  expect(() => parseTrace('{"some": "json"}', 'package.json')).toThrow(/^package\.json: line 1: expected the header/)
  expect(() => parseTrace('')).toThrow(/^line 1: /)
})
