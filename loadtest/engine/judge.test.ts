import { expect, test } from 'vitest'
import type { HistoryEvent } from '#evidence/history'
import type { SentRecord } from '../generator/messages.ts'
import { chatPlan } from '../workloads/chat.ts'
import { type Judging, judgeLoad } from './judge.ts'
import { isJudged, judgedEvents, judgedShare } from './judged.ts'

const FACTS = { sequenced: true, robot: 'robot', workers: [], attemptsMax: 3 }
const CONVERSATION = '3f2a0c1e-0000-5000-8000-000000000001'
const id = (n: number) => `3f2a0c1e-0000-7000-8000-${String(n).padStart(12, '0')}`

/** `count` messages of ann to bob, each seen 5 ms after it was due. */
function history(count: number): HistoryEvent[] {
  const events: HistoryEvent[] = ['ann', 'bob'].map(user => ({ kind: 'online', atMs: 0, user, device: `${user}.1`, node: 'im-a' }))
  for (let n = 1; n <= count; n += 1) {
    const base = { conversation: CONVERSATION, seq: n, clientMessageId: id(n) }
    events.push({ kind: 'send', atMs: 10 * n, user: 'ann', device: 'ann.1', to: 'bob', clientMessageId: id(n), dueMs: 10 * n })
    for (const user of ['ann', 'bob'])
      events.push({ kind: 'shown', atMs: 10 * n + 5, user, device: `${user}.1`, sender: 'ann', to: 'bob', ...base })
    events.push({ kind: 'stored', atMs: 10 * n + 6, user: 'ann', device: 'ann.1', ...base })
  }
  events.push({ kind: 'rest', atMs: 10_000, ended: 'rest', lastSeen: 'nothing left to do' })
  for (let n = 1; n <= count; n += 1)
    events.push({ kind: 'message-row', atMs: 10_001, conversation: CONVERSATION, seq: n, sender: 'ann', clientMessageId: id(n) })
  return events
}

const records = (count: number, latencyMs = 5): SentRecord[] =>
  Array.from({ length: count }, (_, i) => {
    const dueMs = 10 * (i + 1)
    return { kind: 'chat', measured: true, dueMs, sentMs: dueMs, storedMs: dueMs + 6, seenMs: dueMs + latencyMs }
  })

const judging = (rest: Partial<Judging> = {}): Judging => ({
  plan: chatPlan({ forMs: 1_000 }),
  events: history(50),
  facts: FACTS,
  sent: records(50),
  use: [],
  fromMs: 0,
  busiest: 10,
  share: 1,
  slo: { ttftMs: 1_000, answerMs: 1_000 },
  threads: 1,
  idle: undefined,
  idleMeasures: {},
  ended: [],
  ...rest,
})

test('a load that was seen whole passes, with its figures', () => {
  const run = judgeLoad(judging())
  expect(run).toMatchObject({ verdict: 'pass', lost: 0, duplicates: 0, generatorBound: false, latencyMs: { p50: 5, count: 50 } })
  expect(run.offeredPerSecond).toBeGreaterThan(45)
})

test('one message that was not shown fails by name, however fast the rest was', () => {
  const events = history(50).filter(event => !(event.kind === 'shown' && event.user === 'bob' && event.seq === 20))
  const run = judgeLoad(judging({ events }))
  expect(run).toMatchObject({ verdict: 'fail', lost: 1 })
  expect(run.checks.find(({ name }) => name === 'lost')?.breaches[0]?.values).toMatchObject({ message: id(20) })
})

test('one that was shown twice fails, and so do two that were shown the wrong way round', () => {
  const twice = history(50).flatMap(event => (event.kind === 'shown' && event.user === 'bob' && event.seq === 7 ? [event, event] : [event]))
  expect(judgeLoad(judging({ events: twice }))).toMatchObject({ verdict: 'fail', duplicates: 1, lost: 0 })
  const swapped = history(50)
  const at = (seq: number) => swapped.findIndex(event => event.kind === 'shown' && event.user === 'bob' && event.seq === seq)
  const [a, b] = [at(8), at(9)]
  ;[swapped[a], swapped[b]] = [swapped[b]!, swapped[a]!]
  const run = judgeLoad(judging({ events: swapped }))
  expect([run.verdict, run.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)]).toEqual(['fail', ['order']])
})

test('a limit that was broken fails; where the generator was the limit, or the machine noisy, it says nothing', () => {
  const sent = records(50, 400)
  expect(judgeLoad(judging({ sent }))).toMatchObject({
    verdict: 'fail',
    why: { code: 'limit-broken', values: { measure: 'latencyP99Ms', value: 400 } },
  })
  expect(judgeLoad(judging({ sent, busiest: 99 }))).toMatchObject({ verdict: 'unknown', generatorBound: true })
  const noise: HistoryEvent = { kind: 'noise', atMs: 500, foreignCpuPercent: 80, timerLateP99Ms: 1 }
  expect(judgeLoad(judging({ sent, events: [...history(50), noise] }))).toMatchObject({ verdict: 'unknown', generatorBound: false })
})

test('a load that never became idle is unknown, not passed', () => {
  const events = history(50).filter(({ kind }) => kind !== 'rest')
  expect(judgeLoad(judging({ events })).verdict).toBe('unknown')
})

test('no limit holds where nothing was measured or arrived in time', () => {
  expect(judgeLoad(judging({ sent: [] }))).toMatchObject({ verdict: 'unknown', why: { code: 'nothing-measured' } })
  const sent = records(3).map(({ seenMs: _, ...rest }) => rest)
  const run = judgeLoad(judging({ sent }))
  expect(run.verdict).toBe('unknown')
  expect(run.thresholds.find(({ measure }) => measure === 'latencyP99Ms')?.verdict).toBe('unknown')
})

test('a percentile of those that arrived is not held by that alone: what never arrived is the slowest', () => {
  const sent = records(100).map(({ seenMs, ...rest }, i) => (i < 2 ? rest : { ...rest, seenMs }))
  const inTime = (list: SentRecord[]) =>
    judgeLoad(judging({ sent: list })).thresholds.find(({ measure }) => measure === 'latencyP99Ms')?.verdict
  expect([inTime(sent), inTime(sent.slice(1))]).toEqual(['unknown', 'unknown'])
  expect(inTime(sent.slice(2))).toBe('pass')
  expect(inTime(records(100, 400).map((record, i) => (i < 2 ? { ...record, seenMs: undefined } : record) as SentRecord))).toBe('fail')
})

test('a part that ended unplanned is named; what failed stays failed, nothing else passes', () => {
  expect(judgeLoad(judging({ ended: ['im-a'] }))).toMatchObject({
    verdict: 'unknown',
    why: { code: 'part-ended', values: { parts: 'im-a' } },
  })
  const sent = records(50, 400)
  expect(judgeLoad(judging({ ended: ['im-a'], sent }))).toMatchObject({
    verdict: 'fail',
    why: { code: 'part-ended', values: { parts: 'im-a' }, beside: { code: 'limit-broken', values: { measure: 'latencyP99Ms' } } },
  })
})

test('beyond a stated size whole conversations are left out, the same ones everywhere', () => {
  const small = judgedShare(chatPlan({ ratePerSecond: 1_000, forMs: 30_000 }))
  const large = judgedShare(chatPlan({ ratePerSecond: 20_000, forMs: 30_000 }))
  expect(small).toBe(1)
  expect(large).toBeCloseTo(200_000 / 660_000, 5)
  expect(isJudged(CONVERSATION, 1)).toBe(true)
  const kept = judgedEvents(history(3), 1e-9)
  expect(kept.some(({ kind }) => kind === 'message-row')).toBe(false)
})
