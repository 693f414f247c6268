import { describe, expect, test } from 'vitest'
import { DEFAULT_PLAN, type LabPlan } from '../plan.ts'
import { openAiAddress } from './address.ts'
import { fakeServer, type Handler, ollama, send } from './fake-server.ts'
import { inspectModelServer } from './inspect.ts'
import { lookAtModelServers } from './look.ts'
import { openAiModels, withServedModels } from './openai-server.ts'

const serves =
  (...models: string[]): Handler =>
  ({ path }, response) =>
    path === '/v1/models'
      ? send(response, 200, { object: 'list', data: models.map(id => ({ id, object: 'model' })) })
      : send(response, 404, { error: { message: 'File Not Found' } })

describe('an address as people type it', () => {
  test.each([
    ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000'],
    ['http://127.0.0.1:8000/v1/', 'http://127.0.0.1:8000'],
    ['http://host/llm/v1/chat/completions', 'http://host/llm'],
    ['127.0.0.1:1234/v1', 'http://127.0.0.1:1234'],
    ['https://host', 'https://host'],
  ])('%s', (typed, url) => expect(openAiAddress(typed, {})).toEqual({ url, headers: {} }))

  // Ollama's port would be a guess.
  test.each(['localhost', '', 'ftp://host:1', 'http://host?x=1'])('%j is refused', typed =>
    expect(() => openAiAddress(typed, {})).toThrow(/^--openai: expected .*\nLike this: --openai http/),
  )

  test('a key is a header; one that is given as such replaces it, and a bad one is not shown', () => {
    expect(openAiAddress('http://h:1', { apiKey: 'sk-key' }).headers).toEqual({ authorization: 'Bearer sk-key' })
    const headersJson = '{"Authorization":"Basic x"}'
    expect(openAiAddress('http://h:1', { apiKey: 'sk-key', headersJson }).headers).toEqual({ authorization: 'Basic x' })
    expect(() => openAiAddress('http://h:1', { apiKey: 'sk CANARY' })).toThrow(/^MODEL_API_KEY: expected a key without blanks(?!.*CANARY)/s)
  })
})

test.each<[string, Handler, RegExp]>([
  ['404', (_, r) => send(r, 404, {}), /OpenAI's model list at .*\/v1\/models, got HTTP 404 .*\nIs the path right\?.* --openai/],
  ['a bad key', (_, r) => send(r, 401, {}), /asks for credentials \(HTTP 401\)\.\nType: MODEL_API_KEY=KEY/],
  ['a list of another kind', (_, r) => send(r, 200, { models: [] }), /got HTTP 200/],
  [
    'a redirect',
    (_, r) => void r.writeHead(308, { location: 'https://new.example/llm/v1/models' }).end(),
    /Type: --openai https:\/\/new\.example\/llm$/,
  ],
  ['a model that is being loaded', (_, r) => send(r, 503, { error: { message: 'Loading model' } }), /HTTP 503 .*running/s],
  ['a hang-up', (_, r) => void r.destroy(), /closed the connection/],
])('an unusable server, %s: what to type', async (_, handle, message) => {
  await using server = await fakeServer(handle)
  await expect(openAiModels(server)).rejects.toMatchObject({ code: 'NO_MODEL_SERVER', message: expect.stringMatching(message) })
})

test('a command that needs the API of Ollama names the one that does not', async () => {
  await using server = await fakeServer(serves('m'))
  await expect(inspectModelServer(server)).rejects.toThrow(`Type: npm run lab:up -- --openai ${server.url}`)
})

describe('before a lab starts', () => {
  const plan = (url: string, more: Partial<LabPlan> = {}): LabPlan => {
    const [fast, slow] = DEFAULT_PLAN.gpus
    const partSettings = { 'worker-fast': { modelApi: 'openai' as const } }
    return { ...DEFAULT_PLAN, gpus: [{ ...fast!, url, headers: { authorization: 'Bearer k' } }, slow!], partSettings, ...more }
  }

  test('the one model of a server is taken, with a notice; its workers alone ask for it', async () => {
    await using server = await fakeServer(serves('Qwen/Qwen3-8B'))
    const looked = await withServedModels(plan(server.url))
    expect(looked.plan.partSettings).toEqual({ 'worker-fast': { modelApi: 'openai', model: 'Qwen/Qwen3-8B' } })
    expect(looked.notices).toEqual([`worker-fast asks for Qwen/Qwen3-8B, the one model of ${server.url}`])
    expect(server.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([['/v1/models', 'Bearer k']])
    expect(await lookAtModelServers(looked.plan)).toEqual([expect.stringMatching(/^gpu-slow stays simulated/)])
  })

  test.each<[string, string[], Partial<LabPlan>, RegExp]>([
    ['another model was set', ['a'], { settings: { model: 'b' } }, /expected the model b, .*\nIt serves a\nType: --set model=a$/s],
    ['several are served', ['a', 'b'], {}, /It serves a, b\nType: --set model=a$/],
    ['none is served', [], {}, /It serves none/],
  ])('refused: %s', async (_, models, more, message) => {
    await using server = await fakeServer(serves(...models))
    await expect(withServedModels(plan(server.url, more))).rejects.toMatchObject({
      code: 'NO_MODEL',
      message: expect.stringMatching(message),
    })
  })

  test.each(['b', 'c'])('a model that was set and is served: %s', async model => {
    await using server = await fakeServer(serves('a', 'b', 'c:latest'))
    const given = plan(server.url, { settings: { model } })
    expect(await withServedModels(given)).toEqual({ plan: given, notices: [] })
  })

  test('what the API has no field for is refused', async () => {
    await expect(withServedModels(plan('http://127.0.0.1:1', { settings: { contextTokens: 4_096 } }))).rejects.toMatchObject({
      code: 'BAD_SETTING',
      message: expect.stringContaining('--max-model-len 4096'),
    })
  })

  test("servers of Ollama's API are not asked here", async () => {
    await using server = await fakeServer(ollama())
    const given = { ...plan(server.url), partSettings: {} }
    expect(await withServedModels(given)).toEqual({ plan: given, notices: [] })
    expect(server.asked).toEqual([])
  })
})
