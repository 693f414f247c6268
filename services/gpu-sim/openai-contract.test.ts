import OpenAI from 'openai'
import { afterAll, describe, expect, test } from 'vitest'
import { openAiContract } from './openai-contract.ts'
import { bench } from './test-bench.ts'

const sim = await bench({ settings: { timeScale: 10 } })
afterAll(() => sim[Symbol.asyncDispose]())

openAiContract({ url: sim.sim.url, model: 'llama3.1:8b', simulated: true })

/** Another server, such as vLLM: `npm test unit openai-contract` with both variables. */
const url = process.env['OPENAI_CONTRACT_URL']
if (url !== undefined) openAiContract({ url, model: process.env['OPENAI_CONTRACT_MODEL'] ?? '', simulated: false })

const messages = [{ role: 'user' as const, content: 'Why? [[answer-tokens: 60]]' }]
const client = () => new OpenAI({ baseURL: `${sim.sim.url}/v1`, apiKey: 'none', maxRetries: 0 })
const stream = () =>
  client().chat.completions.create({ model: 'llama3.1:8b', messages, stream: true, stream_options: { include_usage: true } })
async function read(): Promise<{ text: string; finished: unknown[]; usages: number }> {
  let text = ''
  const finished: unknown[] = []
  let usages = 0
  for await (const { choices, usage } of await stream()) {
    text += choices[0]?.delta.content ?? ''
    if (choices[0]?.finish_reason != null) finished.push(choices[0].finish_reason)
    if (usage != null) usages += 1
  }
  return { text, finished, usages }
}

describe('both APIs', () => {
  test('give the same answer to the same task', async () => {
    const { text } = await read()
    const lines = await sim.chat('', messages[0]!.content)
    expect(text).toBe(lines.map(line => line.message?.content ?? '').join(''))
  })

  test('share the GPU: a request of one waits for that of the other', async () => {
    await Promise.all([read(), sim.chat('t-both', 'x [[answer-tokens: 60]]')])
    const [first, second] = (await sim.log()).slice(-2)
    expect(BigInt(second?.startedAtNs ?? 0)).toBeGreaterThanOrEqual(BigInt(first?.endedAtNs ?? Number.MAX_SAFE_INTEGER))
  })
})

describe('reasoning', () => {
  test.each([
    [{}, true],
    [{ chat_template_kwargs: { enable_thinking: false } }, false],
    [{ reasoning_effort: 'none' as const }, false],
  ])('of a model that can, with %j', async (more, expected) => {
    await using reasons = await bench({ settings: { model: 'qwen3:8b', timeScale: 100 } })
    const asked = { model: 'qwen3:8b', messages: [{ role: 'user' as const, content: 'Why?' }], max_tokens: 60, ...more }
    const own = new OpenAI({ baseURL: `${reasons.sim.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const { choices, usage } = await own.chat.completions.create(asked)
    expect('reasoning_content' in (choices[0]?.message ?? {})).toBe(expected)
    expect((usage?.completion_tokens_details?.reasoning_tokens ?? 0) > 0).toBe(expected)
  })
})

describe('a switch spoils an answer', () => {
  test.each([
    ['a refusal', { failure: 'rate-limit' as const }, /too many requests/],
    ['an error amid it', { errorAfterTokens: 10 }, /out of memory/],
    ['no JSON', { badJsonAfterTokens: 5 }, /JSON/],
    ['a cut', { cutAfterTokens: 5 }, /./],
  ])('%s is an error of the client', async (_what, faults, message) => {
    await sim.faults(faults)
    await expect(read()).rejects.toThrow(message)
    await sim.faults({})
  })

  test.each([
    ['no-counts' as const, { finished: ['stop'], usages: 0 }],
    ['missing' as const, { finished: [], usages: 0 }],
    ['not-done' as const, { finished: [], usages: 0 }],
  ])('its end: %s', async (lastLine, expected) => {
    await sim.faults({ lastLine })
    expect(await read()).toMatchObject(expected)
    await sim.faults({})
  })
})
