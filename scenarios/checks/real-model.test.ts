import { expect, test } from 'vitest'
import type { EventOf, History } from './history.ts'
import { capped, durationsAgree, reasoningRemoved, streamed } from './real-model.ts'
import { measuresOf } from './schedule.ts'

const answer: EventOf<'reported'> = {
  kind: 'reported',
  atMs: 10,
  task: 't',
  attempt: 1,
  worker: 'worker-fast',
  gpu: 'gpu-fast',
  outcome: 'done',
  tookMs: 400,
  chunks: 12,
  text: 'The sea is wide.',
  reasoning: '',
  promptTokens: 30,
  answerTokens: 12,
  totalMs: 390,
  loadMs: 10,
  prefillMs: 80,
  decodeMs: 280,
}
const read: EventOf<'read'> = { kind: 'read', atMs: 500, task: 't', device: 'ann.1', text: 'The sea is wide.', partials: 4, grew: true }

const history = (reported: Partial<typeof answer> = {}, shown: Partial<typeof read> = {}): History => ({
  sequenced: true,
  robot: 'URobot',
  workers: [],
  attemptsMax: 3,
  events: [
    { ...answer, ...reported },
    { ...read, ...shown },
  ],
})
const CHECKS = { streamed, reasoningRemoved, capped: capped(24), durationsAgree }

test('an answer as it should be passes all', () => {
  for (const check of Object.values(CHECKS)) expect(check.judge(history())).toMatchObject({ verdict: 'pass' })
})

test('an inference of a real server is counted as those of simulated ones are', () =>
  expect(measuresOf(history())).toMatchObject({ inferences: 1 }))

test('reasoning in the content is no part of the answer', () => {
  expect(reasoningRemoved.judge(history({ text: '<think>wide?</think>\nThe sea is wide.' }))).toMatchObject({ verdict: 'pass' })
})

test.each<[keyof typeof CHECKS, Partial<typeof answer>, Partial<typeof read>, RegExp]>([
  ['streamed', {}, { partials: 0 }, /nothing of task t before its end/],
  ['streamed', {}, { grew: false }, /does not begin with/],
  ['reasoningRemoved', {}, { text: 'The sea is wide' }, /read 15 characters/],
  ['reasoningRemoved', { text: '<think>wide?' }, { text: '<think>wide?' }, /besides its reasoning/],
  ['capped', { answerTokens: 25 }, {}, /answered with 25 tokens/],
  ['capped', { answerTokens: 0 }, {}, /answered with 0 tokens/],
  ['durationsAgree', { decodeMs: 310 }, {}, /load, prefill and decode are 400/],
  ['durationsAgree', { tookMs: 300 }, {}, /here it took 300/],
  ['durationsAgree', { decodeMs: 0, prefillMs: 80 }, {}, /0\.0 ms of decode/],
])('%s finds what is wrong', (name, reported, shown, what) => {
  const finding = CHECKS[name].judge(history(reported, shown))
  expect([finding.verdict, finding.detail]).toEqual(['fail', expect.stringMatching(what)])
  expect(finding.witnesses.length).toBeGreaterThan(0)
})

test('where nothing was answered nothing is known', () => {
  for (const check of Object.values(CHECKS)) expect(check.judge({ ...history(), events: [] })).toMatchObject({ verdict: 'unknown' })
})
