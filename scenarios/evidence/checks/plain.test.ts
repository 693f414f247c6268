import { expect, test } from 'vitest'
import type { EventOf, History, HistoryEvent } from '../history.ts'
import type { Check } from '../verdict.ts'
import { balanceExact, everyShareTaken, neverOverspent } from './envelope.ts'
import { nobodyElse, reached, wildcards, workedOnce } from './routing.ts'
import { asDocumented, rightWayHolds } from './sentences.ts'

const REST: EventOf<'rest'> = { kind: 'rest', atMs: 9_000, ended: 'rest', lastSeen: 'nothing left to do' }
const history = (events: HistoryEvent[], rest = REST): History => ({
  events: [...events, rest],
  sequenced: true,
  robot: 'URobot',
  workers: [],
  attemptsMax: 3,
})
const verdicts = (events: HistoryEvent[], checks: Check[], rest = REST) => checks.map(check => check.judge(history(events, rest)).verdict)

const published = (message: string, meantFor: string[], each: 'every' | 'one' = 'every', key = 'k'): HistoryEvent => ({
  kind: 'published',
  atMs: 1,
  message,
  exchange: 'x',
  key,
  meantFor,
  each,
})
const received = (message: string, consumer: string, queue = consumer): HistoryEvent => ({
  kind: 'received',
  atMs: 2,
  message,
  queue,
  consumer,
})
const ADDRESSED = [reached, nobodyElse, workedOnce]

test.each<[what: string, events: HistoryEvent[], seen: string[]]>([
  ['to both', [published('m', ['a', 'b']), received('m', 'a'), received('m', 'b')], ['pass', 'pass', 'pass']],
  ['to one of those who share', [published('m', ['a', 'b'], 'one'), received('m', 'b')], ['pass', 'pass', 'pass']],
  ['to one of two', [published('m', ['a', 'b']), received('m', 'a')], ['fail', 'pass', 'pass']],
  ['to nobody', [published('m', ['a'])], ['fail', 'unknown', 'pass']],
  ['to none of those who share', [published('m', ['a', 'b'], 'one')], ['fail', 'unknown', 'pass']],
  ['to somebody else too', [published('m', ['a']), received('m', 'a'), received('m', 'c')], ['pass', 'fail', 'pass']],
  ['what nobody sent', [published('m', ['a']), received('m', 'a'), received('n', 'a')], ['pass', 'fail', 'pass']],
  ['twice to one', [published('m', ['a']), received('m', 'a'), received('m', 'a')], ['pass', 'pass', 'fail']],
  ['to both who share', [published('m', ['a', 'b'], 'one'), received('m', 'a'), received('m', 'b')], ['pass', 'pass', 'fail']],
  ['nothing', [], ['unknown', 'unknown', 'unknown']],
])('routing, %s', (_what, events, seen) => expect(verdicts(events, ADDRESSED)).toEqual(seen))

test('what has not come yet may come: without rest it is unknown', () => {
  const restless = { ...REST, ended: 'deadline' as const }
  expect(verdicts([published('m', ['a'])], [reached], restless)).toEqual(['unknown'])
})

const TOPIC: HistoryEvent[] = [
  { kind: 'declared', atMs: 0, what: 'exchange', name: 'x', type: 'topic' },
  { kind: 'bound', atMs: 0, exchange: 'x', queue: 'q', key: 'audit.#' },
]
test.each<[what: string, events: HistoryEvent[], seen: string]>([
  ['it matches and came', [published('m', [], 'every', 'audit'), received('m', 'c', 'q')], 'pass'],
  ['it matches and did not come', [published('m', [], 'every', 'audit')], 'fail'],
  ['it does not match and came', [published('m', [], 'every', 'other'), received('m', 'c', 'q')], 'fail'],
  ['it does not match and did not come', [published('m', [], 'every', 'other')], 'pass'],
])('wildcards, %s', (_what, events, seen) => expect(verdicts([...TOPIC, ...events], [wildcards])).toEqual([seen]))

const ENVELOPE: HistoryEvent = { kind: 'envelope', atMs: 0, envelope: 'e', amountCents: 100, takes: 2 }
const took = (taker: string, sawCents: number, shareCents: number): HistoryEvent => ({
  kind: 'took',
  atMs: 1,
  envelope: 'e',
  taker,
  node: 'im-a',
  sawCents,
  shareCents,
  retries: 0,
  tookMs: 1,
})
const left = (leftCents: number): HistoryEvent => ({ kind: 'balance', atMs: 2, envelope: 'e', leftCents, leftTakes: 0 })

test.each<[what: string, events: HistoryEvent[], seen: string[]]>([
  ['two shares', [took('a', 100, 60), took('b', 40, 40), took('c', 0, 0), left(0)], ['pass', 'pass', 'pass']],
  ['from one balance', [took('a', 100, 60), took('b', 100, 60), left(40)], ['fail', 'fail', 'fail']],
  ['a write over a write', [took('a', 100, 50), took('b', 100, 50), left(50)], ['pass', 'fail', 'fail']],
  ['one share too few', [took('a', 100, 60), left(40)], ['pass', 'pass', 'fail']],
  ['one share too many', [took('a', 100, 60), took('b', 40, 20), took('c', 20, 20), left(0)], ['pass', 'pass', 'fail']],
  ['nobody looked in the end', [took('a', 100, 60), took('b', 40, 40)], ['pass', 'unknown', 'fail']],
])('an envelope, %s', (_what, events, seen) =>
  expect(verdicts([ENVELOPE, ...events], [neverOverspent, balanceExact, everyShareTaken])).toEqual(seen),
)

test('two takers who read the same balance are the witnesses', () => {
  const finding = neverOverspent.judge(history([ENVELOPE, took('a', 100, 60), took('b', 100, 60), left(40)]))
  expect(finding.breaches[0]).toMatchObject({ code: 'overspent', values: { takenCents: 120, sawCents: 100 } })
  expect(finding.breaches[0]?.witnesses.flatMap(event => (event.kind === 'took' ? [event.taker] : []))).toEqual(['a', 'b'])
})

const tried = (way: 'believed' | 'right', holds: boolean, expected: boolean): HistoryEvent => ({
  kind: 'tried',
  atMs: 1,
  sentence: 's',
  way,
  holds,
  expected,
  seen: {},
})
test.each<[what: string, events: HistoryEvent[], seen: string[]]>([
  ['refuted, as documented', [tried('believed', false, false), tried('right', true, true)], ['pass', 'pass']],
  ['holds, documented otherwise', [tried('believed', true, false), tried('right', true, true)], ['fail', 'pass']],
  ['fails, documented otherwise', [tried('believed', false, true), tried('right', true, true)], ['fail', 'pass']],
  ['the right way fails too', [tried('believed', false, false), tried('right', false, true)], ['pass', 'fail']],
])('a sentence, %s', (_what, events, seen) => expect(verdicts(events, [asDocumented, rightWayHolds])).toEqual(seen))
