import OpenAI from 'openai'
import type { Stream } from 'openai/streaming'
import { beforeAll, describe, expect, test } from 'vitest'
import { fullModelName } from '#contracts/model-server'
import type { Server } from './ollama-contract.ts'

/** What workers with `modelApi=openai` rely on, for the simulated GPU and real servers, by the
 *  client of most applications. */

const QUESTION = 'Why is the sky blue? Answer in a few sentences.'
const NOWHERE = 'no-such-model'
type Chunk = OpenAI.Chat.Completions.ChatCompletionChunk
/** Beside OpenAI's own fields. */
interface Reasoned {
  reasoning_content?: string
}

async function all(stream: Stream<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}
const contentOf = (chunks: readonly Chunk[]) => chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')
const reasoningOf = (chunks: readonly Chunk[]) =>
  chunks.map(chunk => (chunk.choices[0]?.delta as Reasoned | undefined)?.reasoning_content ?? '').join('')

export function openAiContract({ url, model, simulated }: Server): void {
  const client = new OpenAI({ baseURL: new URL('/v1', url).href, apiKey: 'none', maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: QUESTION }]
  const ask = { model, messages }
  const post = (body: string) =>
    fetch(new URL('/v1/chat/completions', url), { method: 'POST', headers: { 'content-type': 'application/json' }, body })

  describe(`the OpenAI contract, ${simulated ? 'simulated' : url}`, () => {
    beforeAll(async () => void (await client.chat.completions.create({ ...ask, max_tokens: 1 })))

    test('it lists its models, and each by its name', async () => {
      expect((await client.models.list()).data.map(({ id }) => fullModelName(id))).toContain(fullModelName(model))
      if (simulated) expect((await client.models.retrieve(model)).id).toBe(model)
    })

    test('a stream comes in pieces of one answer, and ends with its reason', async () => {
      const chunks = await all(await client.chat.completions.create({ ...ask, stream: true, max_tokens: 40 }))
      expect(chunks.length).toBeGreaterThan(2)
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
      expect(contentOf(chunks) + reasoningOf(chunks)).not.toBe('')
      expect(chunks.filter(({ choices }) => choices[0]?.finish_reason != null)).toHaveLength(1)
      expect(chunks.every(chunk => chunk.usage == null)).toBe(true)
    })

    test('the counts come with the last piece if they are asked for', async () => {
      const chunks = await all(
        await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true }, max_tokens: 12 }),
      )
      const counted = chunks.filter(({ usage }) => usage != null)
      expect(counted).toHaveLength(1)
      expect(counted[0]).toBe(chunks.at(-1))
      const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = counted[0]?.usage ?? {}
      expect(prompt_tokens).toBeGreaterThan(0)
      expect(completion_tokens).toBeGreaterThan(0)
      expect(total_tokens).toBe(prompt_tokens + completion_tokens)
    })

    // Ollama 0.17.4 drops the newer name, so workers send the older one.
    test.each(simulated ? ['max_tokens', 'max_completion_tokens'] : ['max_tokens'])('%s caps an answer in one piece', async cap => {
      const { choices, usage } = await client.chat.completions.create({ ...ask, [cap]: 5 })
      expect([choices[0]?.finish_reason, usage?.completion_tokens]).toEqual(['length', 5])
    })

    test('parts of a message are read', async () => {
      const parts = [{ type: 'text' as const, text: QUESTION }]
      const { usage } = await client.chat.completions.create({ model, messages: [{ role: 'user', content: parts }], max_tokens: 3 })
      expect(usage?.prompt_tokens).toBeGreaterThan(5)
    })

    // llama.cpp's server has one model, answers to any name, and to no message.
    test.runIf(simulated)('an unknown model and no message are refused with an error', async () => {
      await expect(client.chat.completions.create({ ...ask, model: NOWHERE })).rejects.toMatchObject({
        status: 404,
        message: expect.stringMatching(/./),
      })
      await expect(client.chat.completions.create({ model, messages: [] })).rejects.toMatchObject({ status: 400 })
    })

    test('no JSON is refused with an error', async () => {
      const response = await post('{"model":')
      // llama.cpp's server: 500.
      if (simulated) expect(response.status).toBe(400)
      expect(response.ok).toBe(false)
      expect(await response.json()).toEqual({ error: expect.objectContaining({ message: expect.any(String) }) })
    })

    test('a client that hangs up does not block the next', async () => {
      const stream = await client.chat.completions.create({ ...ask, stream: true, max_tokens: 4_000 })
      for await (const _ of stream) break // Leaves the loop: the client closes the connection.
      const next = await client.chat.completions.create({ ...ask, max_tokens: 4 })
      expect(next.usage?.completion_tokens).toBe(4)
    })
  })
}
