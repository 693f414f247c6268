import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { answerDirective, answerTokens, countTokens, inferenceTiming } from '#contracts/gpu-timing'
import type { GpuFaults } from '#contracts/http'
import { type Card, planAnswer } from './answer.ts'
import type { ModelRequest } from './requests.ts'
import { SERVER_KINDS } from './server-kind.ts'

const CARD: Card = { profile: gpuProfile('rtx-4090'), seed: 7, timeScale: 1, kind: SERVER_KINDS['0.32'] }
const REQUEST: ModelRequest = {
  endpoint: 'chat',
  model: 'llama3.1:8b',
  prompt: 'Why?',
  stream: true,
  think: undefined,
  keepAliveMs: 0,
  capTokens: 400,
  contextTokens: undefined,
}

const plan = (request: Partial<ModelRequest> = {}, card: Partial<Card> = {}, faults: GpuFaults = {}, task = 'task-1') =>
  planAnswer({ ...CARD, ...card }, { ...REQUEST, ...request }, task, faults)
const all = (answer: ReturnType<typeof plan>) => answer.between(0, answer.tokens)

test('the same seed and task give the same answer and times, another seed others', () => {
  const shown = (answer: ReturnType<typeof plan>) => ({ ...answer, between: undefined, said: all(answer) })
  expect(shown(plan())).toEqual(shown(plan()))
  expect(plan({}, { seed: 8 }).timing).not.toEqual(plan().timing)
  expect(plan({}, {}, {}, 'task-2').timing).not.toEqual(plan().timing)
})

test('times and lengths are those that the predictor computes', () => {
  const answer = plan()
  const tokens = answerTokens(7, 'task-1', 'Why?', 400)
  expect(answer.tokens).toBe(tokens)
  expect(inferenceTiming(CARD.profile, REQUEST.model, 7, 'task-1', countTokens('Why?'), tokens)).toMatchObject(answer.timing)
})

test('the time scale divides every time and touches no word', () => {
  const [slow, fast] = [plan(), plan({}, { timeScale: 50 })]
  for (const part of ['floorMs', 'prefillMs', 'decodeMs'] as const) expect(fast.timing[part]).toBeCloseTo(slow.timing[part] / 50, 9)
  expect(all(fast)).toEqual(all(slow))
})

test('a fault speed counts in real time, whatever the time scale', () => {
  const prompt = answerDirective(30)
  expect(plan({ prompt }, { timeScale: 50 }, { tokensPerSecond: 10 }).timing.decodeMs).toBe(3_000)
})

test('the text says that it is simulated, shows no id, and has the tokens that were counted', () => {
  const answer = plan({ prompt: answerDirective(60) })
  expect(answer).toMatchObject({ tokens: 60, doneReason: 'stop' })
  expect(all(answer).content).toMatch(/^Simulated answer: .*\.$/)
  expect(all(answer).content).not.toContain('task-1')
  expect(countTokens(all(answer).content)).toBe(60)
})

test('a cap cuts it, with its done_reason', () => {
  const answer = plan({ prompt: answerDirective(60), capTokens: 12 })
  expect(answer).toMatchObject({ tokens: 12, doneReason: 'length' })
  expect(countTokens(all(answer).content)).toBe(12)
})

test('without a task the prompt is the key', () => {
  expect(all(plan({}, {}, {}, ''))).toEqual(all(plan({}, {}, {}, '')))
  expect(all(plan({ prompt: 'Else?' }, {}, {}, '')).content).not.toBe(all(plan({}, {}, {}, '')).content)
})

describe('a model that reasons', () => {
  const model = 'deepseek-r1:8b'
  const prompt = answerDirective(80)

  test('keeps its reasoning apart', () => {
    const { thinking, content } = all(plan({ model, prompt }))
    expect(thinking).toMatch(/^Simulated reasoning: /)
    expect(content).toMatch(/^Simulated answer: /)
    expect(countTokens(thinking) + countTokens(content)).toBe(80)
  })

  test('has it inline as older servers did, by design or by switch', () => {
    const inline = all(plan({ model, prompt }, { kind: SERVER_KINDS['0.8'] }))
    expect(inline.thinking).toBe('')
    expect(inline.content).toMatch(/^<think>\nSimulated reasoning: [^<]*\n<\/think>\n\nSimulated answer: /)
    expect(all(plan({ model, prompt }, {}, { reasoning: 'inline' }))).toEqual(inline)
    // Too short to reason: the marks are there all the same.
    expect(all(plan({ model, prompt: answerDirective(1) }, { kind: SERVER_KINDS['0.8'] })).content).toBe('<think>\n\n</think>\n\nSim.')
  })

  test('does not think with think: false, and answers nothing by switch', () => {
    expect(all(plan({ model, prompt, think: false })).thinking).toBe('')
    expect(all(plan({ model, prompt }, {}, { reasoning: 'only' }))).toMatchObject({ content: '' })
  })
})

test('pieces joined are the whole, wherever they are cut', () => {
  const forms = fc.constantFrom<GpuFaults>({ reasoning: 'apart' }, { reasoning: 'inline' }, { reasoning: 'only' })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.integer({ min: 0, max: 200 })), forms, (tokens, cuts, faults) => {
      const answer = plan({ model: 'deepseek-r1:8b', prompt: answerDirective(tokens) }, {}, faults)
      const edges = [0, ...cuts.filter(cut => cut < tokens).sort((a, b) => a - b), tokens]
      const pieces = edges.slice(1).map((to, i) => answer.between(edges[i] ?? 0, to))
      const joined = { thinking: pieces.map(p => p.thinking).join(''), content: pieces.map(p => p.content).join('') }
      expect(joined).toEqual(all(answer))
    }),
  )
})
