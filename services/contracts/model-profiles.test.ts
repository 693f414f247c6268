import { expect, test } from 'vitest'
import { answerDirective, generation } from './gpu-timing.ts'
import { capabilities, modelProfile, reasoningLength } from './model-profiles.ts'

test.each([
  ['llama3.1:8b', ['completion']],
  ['deepseek-r1:8b', ['completion', 'thinking']],
  ['someone/qwen3:4b', ['completion', 'thinking']],
  ['qwen3:30b-a3b-instruct-2507-q4_K_M', ['completion']],
  ['gpt-oss:20b', ['completion', 'thinking']],
  ['nomic-embed-text:latest', ['embedding']],
  ['qwen3-embedding:8b', ['embedding']],
  ['qwen3000:8b', ['completion']],
  ['', ['completion']],
])('%s can do %j', (model, wanted) => expect(capabilities(model)).toEqual(wanted))

test.each([
  ['llama3.1:8b', [false, false, false]],
  ['deepseek-r1:8b', [true, true, false]],
  ['qwen3:4b-thinking-2507', [true, true, true]],
  ['gpt-oss:20b', [true, true, true]],
] as const)('%s reasons by default, with think, without: %j', (model, wanted) => {
  expect([undefined, true, false].map(think => reasoningLength(model, think) !== undefined)).toEqual(wanted)
})

test('levels change the length where a model has them', () => {
  const median = (model: string, think: 'low' | 'high' | undefined) => reasoningLength(model, think)?.medianTokens ?? 0
  expect(median('gpt-oss:20b', 'low')).toBeLessThan(median('gpt-oss:20b', undefined) / 2)
  expect(median('gpt-oss:20b', 'high')).toBeGreaterThan(median('gpt-oss:20b', undefined) * 2)
  expect(median('qwen3:8b', 'low')).toBe(median('qwen3:8b', 'high'))
})

test('a model with the template of its maker refuses what others cut', () => {
  expect(modelProfile('hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M').longPrompt).toBe('refuse')
  expect(modelProfile('someone/qwen3:8b').longPrompt).toBe('truncate')
})

test('reasoning comes on top of an answer: hundreds of tokens at the median, thousands at times', () => {
  const length = reasoningLength('deepseek-r1:8b', undefined)
  const drawn = Array.from({ length: 2_001 }, (_, i) => generation(1, `${i}`, 'Why?', length).reasoningTokens).sort((a, b) => a - b)
  expect(drawn[1_000]).toBeGreaterThan(540)
  expect(drawn[1_000]).toBeLessThan(660)
  expect(drawn[1_980]).toBeGreaterThan(2_000)
  const { reasoningTokens, tokens } = generation(1, 't', 'Why?', length)
  expect(tokens - reasoningTokens).toBe(generation(1, 't', 'Why?').tokens)
})

test('a directive is the length of the whole, which the reasoning shares and never fills', () => {
  const length = reasoningLength('deepseek-r1:8b', undefined)
  for (const whole of [1, 2, 80, 400, 4_000]) {
    for (let i = 0; i < 50; i++) {
      const { reasoningTokens, tokens } = generation(1, `${i}`, answerDirective(whole), length)
      expect(tokens).toBe(whole)
      expect(reasoningTokens).toBeLessThan(whole)
    }
  }
  expect(generation(1, 't', answerDirective(40), undefined, 600)).toEqual({ reasoningTokens: 40, tokens: 40 })
})
