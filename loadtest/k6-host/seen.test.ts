import { expect, test } from 'vitest'
import { reason } from '#evidence/finding'
import { summaryOf } from '../engine/figures.ts'
import type { Seen } from '../k6/settings.ts'
import { outcomeOf } from './load.ts'
import { recordsOf, reportOf, shifted } from './seen.ts'

const ann = { user: 'ann', device: 'ann.1', clientMessageId: 'm' }
const place = { conversation: 'c', seq: 1 }
const send: Seen = { kind: 'send', ...ann, to: 'bob', dueMs: 10, atMs: 12 }
const stored: Seen = { kind: 'stored', ...ann, ...place, task: 't', atMs: 15 }
const shown: Seen = { kind: 'shown', ...place, user: 'bob', device: 'bob.1', sender: 'ann', to: 'bob', clientMessageId: 'm', atMs: 19 }
const answer: Seen = { ...shown, user: 'ann', device: 'ann.1', sender: 'robot', clientMessageId: 'a', task: 't' }
const piece: Seen = { kind: 'piece', task: 't', atMs: 17 }

test.each<[what: string, seen: Seen[], expected: object]>([
  ['stored and seen', [stored, shown], { storedMs: 15, seenMs: 19 }],
  ['seen by its sender alone', [stored, { ...shown, user: 'ann' }], { storedMs: 15 }],
  ['seen twice: the first counts', [shown, { ...shown, atMs: 30 }, stored], { storedMs: 15, seenMs: 19 }],
  ['refused', [{ kind: 'refused', ...ann, code: 'BUSY', atMs: 15 }], { failed: 'BUSY' }],
  ['no word of it', [{ kind: 'unknown', ...ann, atMs: 99 }], { failed: 'unknown' }],
  ['answered in pieces', [stored, piece, answer], { storedMs: 15, firstMs: 17, seenMs: 19 }],
  ['an answer that overtakes the name of its task', [piece, answer, stored], { storedMs: 15, firstMs: 17, seenMs: 19 }],
  ['the apology', [stored, { ...answer, answered: false }], { storedMs: 15, failed: 'apology' }],
])('a send that is %s', (_, seen, expected) => {
  expect(recordsOf([send, ...seen], 'bot', 10)).toEqual([{ kind: 'bot', measured: true, dueMs: 10, sentMs: 12, ...expected }])
  expect(recordsOf([send, ...seen], 'bot', 11)).toEqual([])
})

test('a report is read from the metadata of a sample, and its times are moved to the lab', () => {
  const batch = { seen: [send], atMs: 20, done: true }
  const data = { time: '2026-11-28T00:00:00.5Z', value: 1, tags: {}, metadata: { batch: JSON.stringify(batch) } }
  expect(reportOf(JSON.stringify({ metric: 'reports', type: 'Point', data }))).toEqual({ ...batch, wallMs: Date.parse(data.time) })
  expect(reportOf('{"metric":"vus","type":"Point","data":{"value":4}}')).toBeUndefined()
  expect(shifted(send, 1_000)).toMatchObject({ dueMs: 1_010, atMs: 1_012 })
})

test('k6 takes a pass away: a crossed threshold, or half of the tail is its own lateness', () => {
  const outcome = (verdict: 'pass' | 'unknown', lateP99Ms: number, crossed: boolean) => {
    const generator = { threads: 1, cpuPercent: 0, because: 'kept-up', lateP99Ms }
    const latencyMs = summaryOf('due-to-seen', [30])
    return outcomeOf({ verdict, why: reason('checks-passed'), generator, latencyMs }, crossed)
  }
  expect([outcome('pass', 15, false), outcome('unknown', 16, true)]).toEqual([{}, {}])
  expect(outcome('pass', 15, true)).toMatchObject({ verdict: 'fail', why: { code: 'k6-crossed' } })
  expect(outcome('pass', 16, false)).toMatchObject({ verdict: 'unknown', generatorBound: true, why: { code: 'generator-bound' } })
})
