import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { ModelTap } from './tap.ts'

const LINES = [
  { message: { content: '', thinking: 'hm' }, done: false },
  { message: { content: 'a sea ' }, done: false },
  { message: { content: 'is wet' }, done: false },
  { done: true, prompt_eval_count: 9, eval_count: 4, total_duration: 8e6, prompt_eval_duration: 2e6, eval_duration: 5e6 },
].map(line => `${JSON.stringify(line)}\n`)

/** A model server that answers everything alike, and what it was asked. */
async function serverOf(lines: readonly string[]): Promise<AsyncDisposable & { url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}${request.headers.authorization === undefined ? '' : ` ${request.headers.authorization}`}`)
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    // Cut where it hurts: in the middle of a line.
    const text = lines.join('')
    response.write(text.slice(0, 20))
    response.end(text.slice(20))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.asyncDispose]: async () => void server.close() }
}

const asTask = { [INFERENCE_HEADERS.task]: 'one', [INFERENCE_HEADERS.attempt]: '2', [INFERENCE_HEADERS.worker]: 'worker-fast' }
const ask = (tap: ModelTap) => fetch(`${tap.url}/api/chat`, { method: 'POST', headers: asTask, body: '{}' }).then(answer => answer.text())

describe('the tap before a model server', () => {
  test('passes an answer on unchanged, and records it', async () => {
    await using server = await serverOf(LINES)
    await using tap = await ModelTap.open({ url: server.url, headers: {} })
    expect(await ask(tap)).toBe(LINES.join(''))
    const [answer, ...more] = tap.take()
    expect(more).toEqual([])
    expect(answer).toMatchObject({ task: 'one', attempt: 2, worker: 'worker-fast', outcome: 'done', chunks: 4, text: 'a sea is wet' })
    expect(answer).toMatchObject({ reasoning: 'hm', promptTokens: 9, answerTokens: 4, totalMs: 8, loadMs: 0, prefillMs: 2, decodeMs: 5 })
    expect(tap.take()).toEqual([])
  })

  test('tells an answer without its last line from a whole one', async () => {
    await using server = await serverOf(LINES.slice(0, 2))
    await using tap = await ModelTap.open({ url: server.url, headers: {} })
    await ask(tap)
    expect(tap.take()).toMatchObject([{ outcome: 'cut', text: 'a sea ' }])
  })

  test('keeps the path of the server, adds its headers, and writes down the cap where the server reads it', async () => {
    await using server = await serverOf(LINES)
    await using tap = await ModelTap.open({ url: `${server.url}/ollama`, headers: { authorization: 'Bearer X' } })
    const askWith = (body: object) =>
      fetch(`${tap.url}/api/chat`, { method: 'POST', headers: asTask, body: JSON.stringify(body) }).then(answer => answer.text())
    await askWith({ options: { num_predict: 24 } })
    await askWith({ max_tokens: 24 })
    expect(server.asked).toEqual(['POST /ollama/api/chat Bearer X', 'POST /ollama/api/chat Bearer X'])
    expect(tap.take().map(answer => answer.capTokens)).toEqual([24, null])
  })

  test('a server that reports no figures is timed and counted from here', async () => {
    await using server = await serverOf([...LINES.slice(0, 3), '{"done":true}\n'])
    await using tap = await ModelTap.open({ url: server.url, headers: {} })
    await ask(tap)
    expect(tap.take()).toMatchObject([{ outcome: 'done', answerTokens: 3, decodeMs: 0, contentMs: expect.any(Number) }])
  })

  test('passes only requests of workers: nobody can remove or fetch models through it', async () => {
    await using server = await serverOf(LINES)
    await using tap = await ModelTap.open({ url: server.url, headers: {} })
    const status = async (method: string, path: string) => (await fetch(tap.url + path, { method })).status
    expect([await status('GET', '/api/version'), await status('DELETE', '/api/delete'), await status('POST', '/api/pull')]).toEqual([
      200, 403, 403,
    ])
    expect(server.asked).toEqual(['GET /api/version'])
  })

  // Linux alone has the whole of 127.0.0.0/8.
  test.runIf(process.platform === 'linux')('listens on the given address and returns it', async () => {
    await using tap = await ModelTap.open({ url: 'http://127.0.0.1:1', headers: {} }, '127.0.0.9')
    expect(tap.url).toMatch(/^http:\/\/127\.0\.0\.9:\d+$/)
  })
})
