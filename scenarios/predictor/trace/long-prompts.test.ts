import { expect, test } from 'vitest'
import { Fitting, LONG_PROMPTS, longestPrompt } from './long-prompts.ts'

const rows = [10, 4_095, 4_096, 9_000].map((promptTokens, i) => ({ line: i + 2, atMs: i, promptTokens, answerTokens: 5 }))

test.each([
  ['skip', [10, 4_095], 2],
  ['cut', [10, 4_095, 4_095, 4_095], 2],
  ['keep', [10, 4_095, 4_096, 9_000], 2],
] as const)('long prompts: %s', (how, passed, long) => {
  const fitting = new Fitting(how, 4_096)
  expect(rows.flatMap(row => fitting.fit(row)?.promptTokens ?? [])).toEqual(passed)
  expect(fitting.counted).toEqual({ how, rows: long, promptTokensMax: 4_095 })
  expect(LONG_PROMPTS).toContain(how)
})

test('the chat takes 16 KiB; a smaller context holds less, and one token of the answer', () => {
  expect([longestPrompt(), longestPrompt(32_768), longestPrompt(2_048)]).toEqual([4_096, 4_096, 2_047])
})
