import { Ollama } from 'ollama'
import { beforeAll, describe, expect, test } from 'vitest'

/** What workers rely on, for the simulated GPU and a real Ollama, by the worker's client. */

export interface Server {
  url: string
  model: string
  /** Some things only a simulation promises, such as its speed. */
  simulated: boolean
}

const QUESTION = 'Why is the sky blue? Answer in a few sentences.'
const NOWHERE = 'no-such-model:1b'

export function ollamaContract({ url, model, simulated }: Server): void {
  const ollama = () => new Ollama({ host: url })
  const messages = [{ role: 'user', content: QUESTION }]
  const post = (path: string, body: string) => fetch(new URL(path, url), { method: 'POST', body })

  describe(`the Ollama contract, ${simulated ? 'simulated' : url}`, () => {
    let reasons = false
    /** Reasoning off where there is any, so that few tokens are enough to see an answer. */
    let quiet: { think?: false } = {}
    beforeAll(async () => {
      reasons = (await ollama().show({ model })).capabilities.includes('thinking')
      quiet = reasons ? { think: false } : {}
      await ollama().generate({ model, prompt: '' })
    })

    test('it says that it runs, its version, and which models it has', async () => {
      expect(await (await fetch(url)).text()).toBe('Ollama is running')
      expect((await ollama().version()).version).toMatch(/^\d+\.\d+\.\d+/)
      expect((await ollama().list()).models.map(({ name }) => name)).toContain(model)
    })

    test('a streamed chat comes in pieces and ends with its figures', async () => {
      const beganMs = performance.now()
      const parts = []
      for await (const part of await ollama().chat({ model, messages, stream: true, ...quiet, options: { num_predict: 40 } }))
        parts.push(part)
      const tookMs = performance.now() - beganMs
      const last = parts.at(-1)
      if (last === undefined) throw new Error('nothing came')
      expect(parts.length).toBeGreaterThan(2)
      expect(parts.slice(0, -1).every(part => !part.done)).toBe(true)
      expect(parts.map(part => part.message.content).join('')).not.toBe('')
      expect(last).toMatchObject({ model, done: true, message: { role: 'assistant' } })
      expect(['stop', 'length']).toContain(last.done_reason)
      expect(last.prompt_eval_count).toBeGreaterThan(0)
      expect(last.eval_count).toBeGreaterThan(0)
      const { load_duration = 0, prompt_eval_duration = 0, eval_duration, total_duration } = last
      // Rounded one by one: a microsecond of slack.
      expect(load_duration + prompt_eval_duration + eval_duration).toBeLessThanOrEqual(total_duration + 1_000)
      expect(total_duration / 1e6).toBeLessThanOrEqual(tookMs + 1)
    })

    test('generate answers streamed and in one piece', async () => {
      const whole = await ollama().generate({ model, prompt: QUESTION, stream: false, ...quiet, options: { num_predict: 20 } })
      expect(whole).toMatchObject({ model, done: true })
      expect(whole.response).not.toBe('')
      let streamed = ''
      for await (const part of await ollama().generate({ model, prompt: QUESTION, stream: true, ...quiet, options: { num_predict: 20 } }))
        streamed += part.response ?? ''
      expect(streamed).not.toBe('')
    })

    test('without `stream` it streams', async () => {
      const response = await post('/api/chat', JSON.stringify({ model, messages, ...quiet, options: { num_predict: 8 } }))
      expect(response.headers.get('content-type')).toContain('application/x-ndjson')
      const lines = (await response.text()).trim().split('\n')
      expect(lines.length).toBeGreaterThan(1)
    })

    test('a token cap under `options` holds', async () => {
      const { eval_count, done_reason } = await ollama().chat({ model, messages, ...quiet, options: { num_predict: 5 } })
      expect({ eval_count, done_reason }).toEqual({ eval_count: 5, done_reason: 'length' })
    })

    test('caps at the top level of the request are dropped in silence', async () => {
      const body = { model, messages, stream: false, ...quiet, max_tokens: 2, num_predict: 2, temperature: 0, options: { num_predict: 12 } }
      const response = await post('/api/chat', JSON.stringify(body))
      expect(response.status).toBe(200)
      expect(((await response.json()) as { eval_count: number }).eval_count).toBeGreaterThan(2)
    })

    test('what a model is capable of is listed, and a model that cannot chat refuses', async () => {
      expect((await ollama().show({ model })).capabilities).toContain('completion')
      for (const { name } of (await ollama().list()).models) {
        if ((await ollama().show({ model: name })).capabilities.includes('completion')) continue
        const refused = await post('/api/chat', JSON.stringify({ model: name, messages }))
        expect([refused.status, await refused.json()]).toEqual([400, { error: expect.stringContaining('does not support chat') }])
      }
    })

    test('`think` takes false from every model, and no value that is unknown', async () => {
      const told = await ollama().chat({ model, messages, think: false, options: { num_predict: 4 } })
      expect(told.eval_count).toBeGreaterThan(0)
      const response = await post('/api/chat', JSON.stringify({ model, messages, think: 'loud' }))
      expect([response.status, await response.json()]).toEqual([400, { error: expect.stringContaining('invalid think value') }])
    })

    test('reasoning counts towards the cap: a small one leaves no answer of a model that reasons', async () => {
      const thinking = reasons ? { think: true } : {}
      const { message, eval_count, done_reason } = await ollama().chat({ model, messages, ...thinking, options: { num_predict: 8 } })
      expect({ said: message.content !== '', eval_count, done_reason }).toEqual({ said: !reasons, eval_count: 8, done_reason: 'length' })
    })

    test('a prompt beyond `num_ctx` is cut in silence or refused with status 400', async () => {
      const body = { model, messages: [{ role: 'user', content: 'word '.repeat(3_000) }], stream: false, ...quiet }
      const response = await post('/api/chat', JSON.stringify({ ...body, options: { num_ctx: 512, num_predict: 4 } }))
      const answer = (await response.json()) as { prompt_eval_count?: number; error?: string }
      if (response.ok) expect(answer.prompt_eval_count).toBeLessThanOrEqual(512)
      else expect([response.status, answer.error]).toEqual([400, expect.stringMatching(/context|too long|exceed/i)])
    })

    test('a loaded model is listed with its context', async () => {
      await ollama().chat({ model, messages, ...quiet, options: { num_predict: 1, num_ctx: 1_024 } })
      const listed = (await (await fetch(new URL('/api/ps', url))).json()) as { models: { name: string; context_length: number }[] }
      expect(listed.models.find(({ name }) => name === model)?.context_length).toBe(1_024)
    })

    test('who hangs up while the model loads hinders nobody', async () => {
      await ollama().chat({ model, messages: [], keep_alive: 0 })
      await expect.poll(async () => (await ollama().ps()).models.map(({ name }) => name), { timeout: 10_000 }).not.toContain(model)
      const stop = new AbortController()
      const loading = fetch(new URL('/api/chat', url), { method: 'POST', body: JSON.stringify({ model, messages }), signal: stop.signal })
      stop.abort()
      await expect(loading).rejects.toThrow()
      expect((await ollama().chat({ model, messages, ...quiet, options: { num_predict: 2 } })).eval_count).toBe(2)
    })

    test('reasoning stands apart from the answer; a model without it refuses to think', async () => {
      const asked = ollama().chat({ model, messages, think: true, options: { num_predict: 30 } })
      if (!reasons)
        return expect(asked).rejects.toMatchObject({ status_code: 400, error: expect.stringContaining('does not support thinking') })
      const { message } = await asked
      expect(message.thinking).not.toBe('')
      expect(message.content).not.toContain('<think>')
      expect((await ollama().chat({ model, messages, think: false, options: { num_predict: 30 } })).message.thinking ?? '').toBe('')
    })

    test.each([
      ['no body', '/api/chat', '', 400],
      ['no JSON', '/api/chat', '{"model":', 400],
      ['a wrong type', '/api/chat', JSON.stringify({ model, messages: 'hello' }), 400],
      ['an unknown model', '/api/chat', JSON.stringify({ model: NOWHERE, messages }), 404],
      ['an unknown model to generate', '/api/generate', JSON.stringify({ model: NOWHERE, prompt: 'x' }), 404],
      ['an unknown model to show', '/api/show', JSON.stringify({ model: NOWHERE }), 404],
    ])('%s is answered with an error in JSON', async (_what, path, body, status) => {
      const response = await post(path, body)
      expect(response.status).toBe(status)
      expect(await response.json()).toEqual({ error: expect.stringMatching(/./) })
    })

    test('no model is refused, and an unknown path too', async () => {
      const response = await post('/api/chat', JSON.stringify({ messages }))
      expect([400, 404]).toContain(response.status)
      expect(await response.json()).toEqual({ error: expect.stringMatching(/./) })
      expect((await post('/api/nothing', '{}')).status).toBe(404)
    })

    test('a client that hangs up does not block the next', async () => {
      const client = ollama()
      const stream = await client.chat({ model, messages, stream: true, ...quiet, options: { num_predict: 4_000 } })
      const hangUp = (async () => {
        for await (const _ of stream) client.abort()
      })()
      await expect(hangUp).rejects.toThrow(/abort/i)
      const next = await ollama().chat({ model, messages, ...quiet, options: { num_predict: 4 } })
      expect(next.eval_count).toBe(4)
    })

    test('an empty prompt loads the model, `keep_alive: 0` lets it go', async () => {
      expect(await ollama().chat({ model, messages: [] })).toMatchObject({ done: true, done_reason: 'load' })
      expect((await ollama().ps()).models.map(({ name }) => name)).toContain(model)
      expect(await ollama().chat({ model, messages: [], keep_alive: 0 })).toMatchObject({ done: true, done_reason: 'unload' })
      await expect.poll(async () => (await ollama().ps()).models.map(({ name }) => name), { timeout: 10_000 }).not.toContain(model)
    })
  })
}
