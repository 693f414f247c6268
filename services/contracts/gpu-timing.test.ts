import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuProfile, UnknownGpuProfile } from './gpu-profiles.ts'
import { answerDirective, answerTokens, coldLoadMs, draw, inferenceTiming, modelBillions, modelSpeed } from './gpu-timing.ts'

const fast = gpuProfile('rtx-4090')
const slow = gpuProfile('rx-7650-gre')

test('a draw depends on seed, task and purpose, and on nothing else', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.string(), (seed, task, purpose) => {
      const again = draw(seed, task, purpose)
      return draw(seed, task, purpose) === again
    }),
  )
  expect(new Set([draw(1, 't', 'a'), draw(2, 't', 'a'), draw(1, 'u', 'a'), draw(1, 't', 'b')]).size).toBe(4)
  const draws = Array.from({ length: 2_000 }, (_, i) => draw(1, `task ${i}`, 'x'))
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0)
  expect(draws.reduce((a, b) => a + b) / draws.length).toBeCloseTo(0.5, 1)
})

describe('models', () => {
  test.each([
    ['deepseek-r1:8b', 8],
    ['llama3.1:8b-q4', 8],
    ['qwen:1.5b', 1.5],
    ['smollm2', 8],
    ['smollm2:135m', 0.135],
    ['phi3:14B', 14],
  ])('%s has %d billion parameters', (model, billions) => expect(modelBillions(model)).toBe(billions))

  test('speeds are those of the table, and between its sizes in between', () => {
    expect(modelSpeed(fast, 'x:8b')).toEqual({ decodeTokensPerSecond: 134, prefillTokensPerSecond: 6_700 })
    const three = modelSpeed(fast, 'x:3b').decodeTokensPerSecond
    expect(three).toBeLessThan(300)
    expect(three).toBeGreaterThan(140)
  })

  test('a model that does not fit into the memory is slow, not refused', () => {
    const speed = modelSpeed(slow, 'x:14b').decodeTokensPerSecond
    expect(speed).toBeGreaterThan(5)
    expect(speed).toBeLessThan(22)
    expect(coldLoadMs(slow, 'x:8b')).toBeCloseTo(2_900, 0)
  })

  test('an unknown profile is refused with the known ones', () => {
    expect(() => gpuProfile('gtx')).toThrow(UnknownGpuProfile)
    expect(() => gpuProfile('toString')).toThrow(/rtx-4090, rx-7650-gre/)
  })
})

test('an answer has the length in the prompt, otherwise about 129 tokens, never over the cap', () => {
  expect(answerTokens(1, 't', `say it ${answerDirective(77)}`, 400)).toBe(77)
  expect(answerTokens(1, 't', answerDirective(5_000), 400)).toBe(400)
  const lengths = Array.from({ length: 1_001 }, (_, i) => answerTokens(1, `${i}`, 'why?', 100_000)).sort((a, b) => a - b)
  expect(lengths[500]).toBeGreaterThan(110)
  expect(lengths[500]).toBeLessThan(150)
})

test('service time = floor + prefill + decode, the same for the same task on every run, about 3.5 times longer on the slow card', () => {
  const time = (gpu: typeof fast, task: string) => inferenceTiming(gpu, 'x:8b', 1, task, 1_000, 200)
  const one = time(fast, 'a')
  expect(one.serviceMs).toBeCloseTo(one.floorMs + one.prefillMs + one.decodeMs, 9)
  expect(time(fast, 'a')).toEqual(one)
  expect(one.floorMs).toBeGreaterThanOrEqual(60)
  expect(one.floorMs).toBeLessThanOrEqual(190)
  expect(time(slow, 'a').decodeMs / one.decodeMs).toBeCloseTo(134 / 38, 5)
  expect(
    inferenceTiming(gpuProfile('synthetic-slow'), 'x', 1, 'a', 9, 9).serviceMs /
      inferenceTiming(gpuProfile('synthetic-fast'), 'x', 7, 'b', 1, 1).serviceMs,
  ).toBe(3.5)
})
