import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { answerTokens, countTokens, inferenceTiming } from '#contracts/gpu-timing'
import { BODY_MAX_BYTES } from '#contracts/limits'
import type { TraceRow } from '../../predictor/trace/row.ts'
import { TraceError } from '../../predictor/trace/time.ts'
import { planReplay, type ReplayOptions, replayTasks } from './plan.ts'
import { promptText } from './prompt.ts'

const FAST = { name: 'gpu-fast', profile: gpuProfile('rtx-4090') }
const SLOW = { name: 'gpu-slow', profile: gpuProfile('rx-7650-gre') }
const EXACT = [
  { name: 'gpu-fast', profile: gpuProfile('synthetic-fast') },
  { name: 'gpu-slow', profile: gpuProfile('synthetic-slow') },
]
const options = (more: Partial<ReplayOptions> = {}): ReplayOptions => {
  return { rows: 3, gpus: [FAST, SLOW], model: 'deepseek-r1:8b', seed: 1, timeScale: 1, answerTokensMax: 400, ...more }
}
/** A row a second by default. */
const row = (index: number, more: Partial<TraceRow> = {}): TraceRow => {
  return { line: index + 2, atMs: 1_000 * index, promptTokens: 500, answerTokens: 100, ...more }
}
const rows = (count: number) => Array.from({ length: count }, (_, index) => row(index))

describe('the prompt', () => {
  test('counts as many tokens as the trace says and carries the length of the answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 4_096 }), fc.integer({ min: 1, max: 999_999 }), (promptTokens, tokens) => {
        const text = promptText(promptTokens, tokens)
        expect(countTokens(text)).toBe(promptTokens)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(BODY_MAX_BYTES)
        expect(text.trim()).toBe(text)
        expect(answerTokens(1, 'any', text, 1_000_000)).toBe(tokens)
      }),
    )
  })

  test('is as short as the directive allows', () => {
    expect(promptText(1, 44)).toBe('[[answer-tokens: 44]]')
    expect(countTokens(promptText(1, 44))).toBe(6)
  })
})

describe('which rows are taken', () => {
  const trace = [row(0), row(2, { answerTokens: 900 }), row(3)]

  test('the first of them', () => expect(planReplay([...trace, row(4)], options()).prompts.map(prompt => prompt.line)).toEqual([2, 4, 5]))

  test('answers are capped', () => {
    expect(planReplay(trace, options()).prompts.map(prompt => prompt.answerTokens)).toEqual([100, 400, 100])
  })

  test('a trace that is too short is refused', () => {
    const four = options({ rows: 4, tooLong: { how: 'skip', rows: 2, promptTokensMax: 4_096 } })
    expect(() => planReplay(trace, four)).toThrow(TraceError)
    expect(() => planReplay(trace, four)).toThrow('expected 4 rows whose prompts fit, got 3; 2 prompts are too long.\nType --rows 3')
    expect(() => planReplay([], options())).toThrow('expected 3 rows')
  })
})

describe('when each is sent', () => {
  test('gaps keep their proportions and offer 80 % of the capacity', () => {
    const trace = [0, 1_000, 1_500, 5_000].map((atMs, index) => row(index, { atMs }))
    const plan = planReplay(trace, options({ rows: 4, gpus: EXACT }))
    expect(plan.capacityPerSecond).toBeCloseTo(10 + 1_000 / 350, 9)
    const spanMs = plan.prompts[3]!.sendAtMs
    expect(3_000 / spanMs).toBeCloseTo(0.8 * plan.capacityPerSecond, 9)
    expect(plan.prompts.map(prompt => prompt.sendAtMs / spanMs)).toEqual([0, expect.closeTo(0.2, 9), expect.closeTo(0.3, 9), 1])
    expect(plan.stretch).toBeCloseTo(spanMs / 5_000, 9)
  })

  test('any number of GPUs; slots count as far as the worker uses them', () => {
    const [fast, slow] = EXACT
    const four = { name: 'gpu-3', profile: { ...fast!.profile, slots: 4, batching: [1, 1.5, 2, 3] } }
    const capacity = (workerSlots: number) =>
      planReplay(rows(3), options({ gpus: [fast!, slow!, { ...four, workerSlots }] })).capacityPerSecond - 10 - 1_000 / 350
    expect([1, 4, 9].map(capacity)).toEqual([10, 30, 30].map(perSecond => expect.closeTo(perSecond, 9)))
  })

  test('the time scale divides the gaps and nothing else', () => {
    const [real, scaled] = [1, 50].map(timeScale => planReplay(rows(3), options({ timeScale })))
    expect(scaled!.prompts[2]!.sendAtMs).toBeCloseTo(real!.prompts[2]!.sendAtMs / 50, 9)
    expect(scaled!.capacityPerSecond).toBe(real!.capacityPerSecond)
    expect(scaled!.prompts.map(prompt => prompt.text)).toEqual(real!.prompts.map(prompt => prompt.text))
  })

  test('another load', () => {
    const [usual, half] = [undefined, 0.4].map(load => planReplay(rows(3), options(load === undefined ? {} : { load })))
    expect(half!.prompts[2]!.sendAtMs).toBeCloseTo(2 * usual!.prompts[2]!.sendAtMs, 6)
  })

  test('one prompt goes at once; several of one instant have no gaps to stretch', () => {
    expect(planReplay(rows(1), options({ rows: 1 })).prompts[0]!.sendAtMs).toBe(0)
    expect(() => planReplay([row(0), row(1, { atMs: 0 })], options({ rows: 2 }))).toThrow('expected rows at different times')
  })
})

test('the model sees what the simulated GPUs will draw, by task and time scale', () => {
  const plan = planReplay(rows(3), options({ timeScale: 50 }))
  const sent = ['task-a', 'task-b', 'task-c'].map((task, index) => ({ task, publishedMs: index }))
  const tasks = replayTasks(plan, sent)
  const timing = inferenceTiming(SLOW.profile, 'deepseek-r1:8b', 1, 'task-b', 500, 100)
  expect(tasks[1]).toMatchObject({ id: 'task-b', publishedMs: 1 })
  expect(tasks[1]!.serviceMs[1]).toBeCloseTo(timing.serviceMs / 50, 9)
  expect(() => replayTasks(plan, [...sent, { task: 'task-d', publishedMs: 9 }])).toThrow('expected at most 3 prompts, got 4')
})
