import { expect, test } from 'vitest'
import { type BreachCode, type Values, witnessesOf } from '../finding.ts'
import type { EventOf, History } from '../history.ts'
import { measuresOf } from '../schedule.ts'
import { capped, reasoningRemoved, streamed } from './real-model.ts'

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
const CHECKS = { streamed, reasoningRemoved, capped: capped(24) }

test('a correct answer passes all', () => {
  for (const check of Object.values(CHECKS)) expect(check.judge(history())).toMatchObject({ verdict: 'pass' })
})

test('an inference of a real server is counted as those of simulated ones are', () =>
  expect(measuresOf(history())).toMatchObject({ inferences: 1 }))

test('reasoning in the content is not part of the answer', () => {
  expect(reasoningRemoved.judge(history({ text: '<think>wide?</think>\nThe sea is wide.' }))).toMatchObject({ verdict: 'pass' })
})

test.each([
  ['Close it with </think> and go on.', 'hm', 'Close it with </think> and go on.'],
  ['<think>a</think>\n</think>\n\nHi', '', 'Hi'],
  ['<think>a<think>b</think>c</think>Hi', '', 'Hi'],
  ['reasoning</think>Hi', '', 'Hi'],
])('of %j with %j apart the answer is %j', (text, reasoning, shown) => {
  expect(reasoningRemoved.judge(history({ text, reasoning }, { text: shown }))).toMatchObject({ verdict: 'pass' })
})

test('the cap is that of the worker, as it showed it', () => {
  const setting = { kind: 'setting', atMs: 1, part: 'worker-fast', setting: 'answerTokensMax', expected: '500', seen: '500' } as const
  const judged = (reported: Partial<typeof answer>) => {
    const given = history(reported)
    return capped(24).judge({ ...given, events: [setting, ...given.events] }).verdict
  }
  expect([judged({ answerTokens: 400, capTokens: 500 }), judged({ capTokens: 24 })]).toEqual(['pass', 'fail'])
})

test('an answer that is over at once may come whole, but is not taken back', () => {
  expect(streamed.judge(history({ contentMs: 1 }))).toMatchObject({ verdict: 'pass' })
  expect(streamed.judge(history({ contentMs: 1 }, { partials: 0 }))).toMatchObject({ verdict: 'pass' })
  expect(streamed.judge(history({ contentMs: 1 }, { partials: 0, grew: false }))).toMatchObject({ verdict: 'fail' })
})

test.each<[keyof typeof CHECKS, Partial<typeof answer>, Partial<typeof read>, BreachCode, Values]>([
  ['streamed', {}, { partials: 0 }, 'not-streamed', { device: 'ann.1', task: 't' }],
  ['streamed', {}, { grew: false }, 'text-taken-back', { task: 't' }],
  ['reasoningRemoved', {}, { text: 'The sea is wide' }, 'text-differs', { characters: 15, answered: 16 }],
  ['reasoningRemoved', { text: '<think>wide?' }, { text: '<think>wide?' }, 'text-differs', { answered: 0 }],
  ['capped', { answerTokens: 25 }, {}, 'tokens-differ', { answerTokens: 25, cap: 24 }],
  ['capped', { answerTokens: 0 }, {}, 'tokens-differ', { answerTokens: 0 }],
  ['capped', { capTokens: null }, {}, 'cap-unknown', {}],
  ['capped', { capTokens: 400 }, {}, 'cap-differs', { capTokens: 400, cap: 24 }],
  ['streamed', { contentMs: 151, decodeMs: 0 }, { partials: 0 }, 'not-streamed', { tookMs: 151 }],
  ['reasoningRemoved', { text: '<think>a<think>b</think>c</think>Hi' }, { text: 'c</think>Hi' }, 'text-differs', { characters: 11 }],
  [
    'reasoningRemoved',
    { text: 'Close it with </think> and go on.', reasoning: 'hm' },
    { text: 'and go on.' },
    'text-differs',
    { characters: 10 },
  ],
])('%s finds what is wrong', (name, reported, shown, code, values) => {
  const finding = CHECKS[name].judge(history(reported, shown))
  expect(finding).toMatchObject({ verdict: 'fail', breaches: [{ code, values }] })
  expect(witnessesOf(finding).length).toBeGreaterThan(0)
})

test('where nothing was answered nothing is known', () => {
  for (const check of Object.values(CHECKS)) expect(check.judge({ ...history(), events: [] })).toMatchObject({ verdict: 'unknown' })
})
