import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { adviceOf } from '../../scenarios/predictor/advise/advice.ts'
import { answerOf } from '../../scenarios/predictor/advise/answer.ts'
import type { Kind, Question } from '../../scenarios/predictor/advise/question.ts'
import { columnsOf } from '../../services/terminal/text.ts'
import { adviceDocument } from './document.ts'
import { warningsOf } from './notes.ts'
import { advicePage } from './page.ts'
import { adviceText } from './text.ts'
import { setLines } from './words.ts'

const timed = (name: string, meanMs: number): Kind => ({ name, slots: 1, batching: [1], work: { meanMs } })
const ASKED: Question = {
  kinds: [timed('2s', 2_000), timed('7s', 7_000)],
  fleet: [0, 1],
  arrivals: { kind: 'poisson', perSecond: 0.4 },
  sizes: { promptTokens: 800, answerTokens: 300, varied: true },
  model: 'deepseek-r1:8b',
  link: { rttMs: 0, gapMs: 5 },
  sloMs: 30_000,
  today: [250, 250],
  seed: 1,
}
const CARDS: Question = {
  ...ASKED,
  kinds: ['rtx-4090', 'rx-7650-gre'].map(name => ({ name, slots: 1, batching: [1], work: { profile: gpuProfile(name) } })),
}

const ANSWER = answerOf(ASKED)
const FULL: Question = { ...CARDS, arrivals: { kind: 'poisson', perSecond: 3 } }
const OVERLOADED = answerOf(FULL)

describe('one screen', () => {
  const text = adviceText(ASKED, ANSWER)

  test('says first what to set, what people wait then, and now', () => {
    expect(text).toMatch(/^SET prefetch 1: 95 of 100 people wait at most [\d.]+ s until their answer starts\n\([\d.]+ to [\d.]+ s\)\. With/)
    expect(text).toMatch(/prefetch 1 \(best\) .*\n/)
    expect(text).toMatch(/prefetch 250\s.*min/)
    expect(text).toContain('channel.prefetch(1)')
    expect(text.replaceAll(/\s+/g, ' ')).toContain('It does not know: rush hours')
  })

  test('says what an autoscaler sees: today nothing is ready, with prefetch 1 it is', () => {
    const line = /An autoscaler sees only counts\..*only what is ready\./.exec(text.replaceAll(/\s+/g, ' '))?.[0] ?? ''
    const [, hoarded, amqp] = /prefetch 250 shows (\S+) ready and \S+ unacked in the mean: (\d) replicas? over amqp/.exec(line) ?? []
    const [, ready, most] = /prefetch 1 shows (\S+) ready and (\S+) unacked/.exec(line) ?? []
    expect([Number(hoarded), Number(amqp)]).toEqual([0, 0])
    expect(Number(ready)).toBeGreaterThan(0)
    expect(Number(most)).toBeLessThanOrEqual(2)
  })

  test('fits 80 columns and 50 lines', () => {
    expect(Math.max(...text.split('\n').map(columnsOf))).toBeLessThanOrEqual(80)
    expect(text.split('\n').length).toBeLessThanOrEqual(50)
  })
})

test('an overload names both rates, and no wait', () => {
  const text = adviceText(FULL, OVERLOADED)
  expect(text).toMatch(/^OVERLOADED: 3\/s arrive, 1 x rtx-4090, 1 x rx-7650-gre can do 0\.5\d*\/s/)
  expect(text).not.toMatch(/95 of 100|answer p95/)
})

test('a burst’s advice says what it is while tasks keep coming', () => {
  const burst: Question = { ...ASKED, arrivals: { kind: 'burst', tasks: 50 } }
  expect(adviceText(burst, answerOf(burst)).replaceAll('\n', ' ')).toMatch(
    /A burst alone chooses no prefetch: at 80 % load, .* the best too/,
  )
})

test('what to type: once for all, or a line for each kind; the lab for cards alone', () => {
  expect(setLines({ prefetch: [1, 1] }, ASKED).map(each => each.line)).toEqual([
    'channel.prefetch(1)',
    'spring.rabbitmq.listener.simple.prefetch=1',
  ])
  expect(setLines({ prefetch: [2, 1] }, CARDS).map(each => each.line)).toEqual([
    'channel.prefetch(2)  // rtx-4090',
    'channel.prefetch(1)  // rx-7650-gre',
    'spring.rabbitmq.listener.simple.prefetch=2  # rtx-4090',
    'spring.rabbitmq.listener.simple.prefetch=1  # rx-7650-gre',
    'npm run lab:up -- --gpus rtx-4090,rx-7650-gre --set worker-1:workerPrefetchTasks=2 --set worker-2:workerPrefetchTasks=1',
  ])
})

test('today’s buffer that outlasts the consumer timeout is a warning', () => {
  const slow: Question = {
    ...ASKED,
    kinds: [timed('20s', 20_000)],
    fleet: [0],
    arrivals: { kind: 'poisson', perSecond: 0.02 },
    today: [250],
  }
  expect(warningsOf(slow, adviceOf(slow))).toEqual([expect.stringMatching(/hold tasks for 83\.3 min\. .* after 30\.0 min/)])
})

test('the document has every setting with its interval', () => {
  const document = adviceDocument(ASKED, ANSWER, 'npm run advise -- …')
  expect(document).toMatchObject({ schemaVersion: 1, verdict: 'advice', best: { prefetch: [1, 1] }, precise: true, steady: null })
  for (const { waitMs, latePercent } of document.settings ?? []) {
    expect(waitMs.p95.low).toBeLessThanOrEqual(waitMs.p95.value)
    expect(waitMs.p95.high).toBeGreaterThanOrEqual(waitMs.p95.value)
    expect(latePercent.high).toBeLessThanOrEqual(100)
  }
})

describe('the page', () => {
  test('has the answer, both curves with their figures, and what to type; no script, no network', () => {
    const page = advicePage(ASKED, ANSWER, 'npm run advise -- …')
    expect(page).toMatch(/<h1>What to set<\/h1>[\s\S]*SET prefetch 1: 95 of 100 people wait/)
    expect(page.match(/<svg class="plot broad"/g)).toHaveLength(2)
    expect(page).toContain('channel.prefetch(1)')
    expect(page).not.toMatch(/NaN|Infinity|undefined|<script|src=/)
  })

  test('of an overload: the GPUs that it needs, no table of waits', () => {
    const page = advicePage(FULL, OVERLOADED, '')
    expect(page).toMatch(/OVERLOADED[\s\S]*GPUS: a p95 wait of 30\.0 s at 3\/s needs \d+ more rtx-4090/)
    expect(page).not.toMatch(/What people wait with each setting|NaN/)
  })
})
