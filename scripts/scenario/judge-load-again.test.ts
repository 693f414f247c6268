import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '#evidence/history'
import { loadJudgedAgain } from '../../reports/judged-again.ts'
import { loadFixture } from '../../reports/load/fixture.ts'
import { judgeLoadAgain } from './judge-load-again.ts'

const { load: madeUp } = loadFixture({ seconds: 2 })
const load = { ...madeUp, plan: { traffic: [{ kind: 'chat' }] } }
const CONVERSATION = '3f2a0c1e-0000-5000-8000-000000000001'

/** Ten messages of ann to bob, each seen by both. */
const events: HistoryEvent[] = [
  ...['ann', 'bob'].map((user): HistoryEvent => ({ kind: 'online', atMs: 0, user, device: `${user}.1`, node: 'im-a' })),
  ...Array.from({ length: 10 }, (_, i): HistoryEvent[] => {
    const [seq, clientMessageId, from] = [i + 1, `3f2a0c1e-0000-7000-8000-0000000000${10 + i}`, { user: 'ann', device: 'ann.1' }]
    const base = { conversation: CONVERSATION, seq, clientMessageId }
    return [
      { kind: 'send', atMs: 10 * seq, dueMs: 10 * seq, to: 'bob', clientMessageId, ...from },
      ...['ann', 'bob'].map(
        (user): HistoryEvent => ({ kind: 'shown', atMs: 10 * seq + 5, user, device: `${user}.1`, sender: 'ann', to: 'bob', ...base }),
      ),
      { kind: 'stored', atMs: 10 * seq + 6, ...from, ...base },
      { kind: 'message-row', atMs: 10_001, sender: 'ann', ...base },
    ]
  }).flat(),
  { kind: 'rest', atMs: 10_000, ended: 'rest', lastSeen: 'nothing left to do' },
]
const judge = (change: Partial<typeof load> = {}, list = events) => judgeLoadAgain({ ...load, ...change }, new Map([['load', list]]))

describe('a stored load test', () => {
  test('passes with its own history', () => {
    expect(loadJudgedAgain(load, judge())).toMatch(/^PASS load test of chat, seed 1: the same verdict as when it ran\n/)
  })
  test('fails when a message was lost, whatever it was then', () => {
    const lost = events.findIndex(event => event.kind === 'shown' && event.user === 'bob')
    const judged = judge({}, events.toSpliced(lost, 1))
    expect(judged).toMatchObject({ verdict: 'fail', why: { code: 'check-failed', values: { check: 'lost' } } })
    expect(loadJudgedAgain(load, judged)).toMatch(/^FAIL .* it was pass when it ran\n {2}lost: [\s\S]*check fail \(was pass\) {2}lost/)
  })
  test('fails by a limit that was broken then', () => {
    const [first] = load.thresholds
    expect(judge({ thresholds: [{ ...first!, verdict: 'fail' }] })).toMatchObject({
      verdict: 'fail',
      why: { code: 'limit-broken', values: { name: 'seen-in-time' } },
    })
  })
  test('is unknown if the lab never became idle, the generator was the limit, or it was interrupted', () => {
    expect(judge({}, events.slice(0, -1)).verdict).toBe('unknown')
    expect(judge({ generatorBound: true })).toMatchObject({ verdict: 'unknown', why: { code: 'generator-bound' } })
    expect(judge({ verdict: 'unknown', why: { code: 'interrupted', values: {} } }).verdict).toBe('unknown')
  })
  test('names the engine that recorded nothing', () => {
    expect(() => judge({ engine: 'k6', facts: null })).toThrow(/\(chat by k6\) has no history/)
    expect(() => judge({ facts: null })).toThrow(/\(chat by built-in\) has no history/)
  })
})
