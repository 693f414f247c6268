import { describe, expect, test } from 'vitest'
import type { Generation } from '#lab'
import { batchingOf, profileOf } from './profile.ts'

/** A server of 50 tokens a second alone, 500 in prefill, and 30 ms besides. */
const FRAME_TOKENS = 20
/** Its frame costs nothing: the server keeps it. */
function run(ownTokens: number, answerTokens: number, { startedMs = 0, slower = 1, besidesMs = 30 } = {}): Generation {
  const promptTokens = FRAME_TOKENS + ownTokens
  const prefillMs = ownTokens * 2
  const decodeMs = answerTokens * 20 * slower
  const firstTokenMs = startedMs + besidesMs + prefillMs
  const endedMs = firstTokenMs + decodeMs
  return { startedMs, firstTokenMs, endedMs, content: 'a', reasoning: '', promptTokens, answerTokens, reported: { prefillMs, decodeMs } }
}
const server = {
  ...{ url: 'http://127.0.0.1:1', headers: {}, version: '0.17.4' },
  ...{ name: 'small:135m', billions: 0.135, capabilities: ['completion'], think: undefined, reasoningTokens: 0 },
}

describe('a profile', () => {
  test('has the speeds that the server has, and what is neither prefill nor decode as its floor', () => {
    const alone = [20, 30, 40].map((besidesMs, i) => run(30 + i, 48, { besidesMs }))
    const { profile, questionTokens, spread } = profileOf(
      { server, frameTokens: FRAME_TOKENS, alone, long: [run(900, 2)], together: new Map(), loadMs: 500 },
      { name: 'mine', at: '2026-11-24' },
    )
    expect(profile.speeds).toEqual({ 0.135: { decodeTokensPerSecond: 50, prefillTokensPerSecond: 500 } })
    expect(profile.floorMs).toEqual([21, 39])
    expect([profile.slots, profile.batching, questionTokens, spread]).toEqual([1, [1], 31, 0])
    expect(profile.source).toContain('small:135m on Ollama 0.17.4')
  })

  test('of a server that generated nothing is none', () => {
    for (const alone of [[], [run(30, 0)]])
      expect(() =>
        profileOf({ server, frameTokens: FRAME_TOKENS, alone, long: [], together: new Map(), loadMs: 1 }, { name: 'mine', at: '' }),
      ).toThrow(/answered without a token/)
  })

  test('of a server that reports no durations, or impossible ones, is timed from here', () => {
    const untold = (ownTokens: number, answerTokens: number) => ({ ...run(ownTokens, answerTokens), reported: undefined })
    const { profile, clock } = profileOf(
      { server, frameTokens: FRAME_TOKENS, alone: [untold(30, 48), run(30, 48)], long: [untold(900, 2)], together: new Map(), loadMs: 500 },
      { name: 'mine', at: '2026-11-24', trouble: 'others were loud' },
    )
    expect(clock).toBe('ours')
    expect(profile.speeds).toEqual({ 0.135: { decodeTokensPerSecond: 50, prefillTokensPerSecond: 500 } })
    // What lies between us and the server is the same for every prompt.
    expect(profile.floorMs).toEqual([30, 30])
    expect(profile.source).toMatch(/timed from outside; others were loud\.$/)
  })

  test('of a server that counts no prompts has no prefill, but its time', () => {
    const uncounted = { ...run(30, 48), promptTokens: 0, reported: undefined }
    const { profile, questionTokens } = profileOf(
      { server, frameTokens: -1, alone: [uncounted], long: [uncounted], together: new Map(), loadMs: 500 },
      { name: 'mine', at: '' },
    )
    expect([profile.speeds[0.135]?.prefillTokensPerSecond, profile.floorMs, questionTokens]).toEqual([100_000, [90, 90], 1])
  })
})

describe('the batching curve', () => {
  test('ends where streams wait for each other', () => {
    const inTurn = [run(30, 48), run(30, 48, { startedMs: 1_200 })]
    expect(batchingOf([run(30, 48)], new Map([[2, inTurn]]))).toEqual([1])
  })

  test('goes through what was measured, on a line between', () => {
    const two = [run(0, 48, { slower: 1.25, besidesMs: 0 }), run(0, 48, { slower: 1.25, besidesMs: 0 })]
    const four = Array.from({ length: 4 }, () => run(0, 48, { slower: 2, besidesMs: 0 }))
    const together = new Map([
      [2, two],
      [4, four],
    ])
    expect(batchingOf([run(0, 48, { besidesMs: 0 })], together)).toEqual([1, 1.6, 1.8, 2])
  })

  test('is of whole answers: one that stops while another is read is not slow twice', () => {
    const prefillMs = 2 * 30
    // Each waits while the other is read; then both run at full speed.
    const both = [run(30, 48), run(30, 48)].map(one => ({ ...one, endedMs: one.endedMs + prefillMs }))
    const [oneMs] = [run(30, 48)].map(({ startedMs, endedMs }) => endedMs - startedMs)
    expect(batchingOf([run(30, 48)], new Map([[2, both]]))[1]).toBeCloseTo((2 * oneMs!) / (oneMs! + prefillMs), 3)
  })
})
