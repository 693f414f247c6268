import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { DEFAULT_PLAN } from '../plan.ts'
import { modelAddress } from './address.ts'
import { fakeServer, type Handler, ollama, send } from './fake-server.ts'
import { inspectModelServer, namedModel, parameters } from './inspect.ts'
import { lookAtModelServers } from './look.ts'

const html: Handler = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Open WebUI</html>')

describe('an unusable server is reported within seconds, with what to type', () => {
  test.each<[string, Handler, RegExp]>([
    ['a web page', html, /got HTTP 200 \(text\/html\)\.\nIs the path right\?/],
    ['404', (_, r) => send(r, 404, {}), /got HTTP 404 .*\nIs the path right\?/],
    // LM Studio answers so: lmstudio-ai/lmstudio-bug-tracker#190.
    ['200 with an error', (a, r) => send(r, 200, { error: `Unexpected endpoint (GET ${a.path})` }), /HTTP 200 \(Unexpected endpoint/],
    // mostlygeek/llama-swap#200.
    ['200 with nothing', (_, r) => void r.writeHead(200).end(), /HTTP 200 \(no content type\)/],
    ["OpenAI's API alone", (a, r) => send(r, a.path === '/v1/models' ? 200 : 404, { data: [] }), /speaks OpenAI’s API/],
    [
      'a redirect',
      (_, r) => void r.writeHead(302, { location: 'https://bot:CANARY@new.example/api/tags' }).end(),
      /Type: --ollama https:\/\/new\.example$/,
    ],
    ['no credentials', (_, r) => send(r, 401, { error: 'unauthorized' }), /asks for credentials \(HTTP 401\)\.\nType: OLLAMA_HEADERS=/],
    [
      'a proxy without its server',
      (_, r) => void r.writeHead(502).end('Bad Gateway'),
      /HTTP 502 .*\nIs the server behind this address running/,
    ],
    ['a hang-up', (_, r) => void r.destroy(), /closed the connection/],
  ])('%s', async (_, handle, what) => {
    await using server = await fakeServer(handle)
    const seen = inspectModelServer(server)
    await expect(seen).rejects.toMatchObject({ code: 'NO_MODEL_SERVER', exitCode: 2, message: expect.stringMatching(what) })
    await expect(seen).rejects.not.toThrow(/CANARY/)
  })

  test('nothing listens; the name is unknown; no HTTP there', async () => {
    const look = (url: string) => inspectModelServer(modelAddress(url))
    const closed = await fakeServer(ollama())
    await closed[Symbol.asyncDispose]()
    await expect(look(closed.url)).rejects.toThrow(/nothing listens there\.\nStart it: ollama serve/)
    await expect(look(closed.url.replace('127.0.0.1', 'localhost'))).rejects.toThrow(/nothing listens there/)
    await expect(look('http://127.0.0.1:9')).rejects.toThrow(/expected a port for HTTP, got 9/)
    await expect(look('http://no-such-host.invalid:11434')).rejects.toThrow(/no-such-host\.invalid is not known here/)
    const ssh = createServer(socket => void socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
    await once(ssh, 'listening')
    await expect(look(`http://127.0.0.1:${(ssh.address() as AddressInfo).port}`)).rejects.toThrow(/speaks something else/)
    ssh.close()
  })

  test('addresses pasted from other clients work', async () => {
    await using server = await fakeServer(ollama())
    for (const tail of ['/v1', '/api', '/api/chat', '/v1/chat/completions'])
      await expect(inspectModelServer(modelAddress(server.url + tail))).rejects.toThrow(`Type: --ollama ${server.url}`)
  })

  test('interrupted', async () => {
    await using server = await fakeServer(() => undefined)
    await expect(inspectModelServer(server, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})

describe('usable servers', () => {
  test('a server behind a path and a password, whose headers every request has', async () => {
    await using server = await fakeServer(ollama({ prefix: '/ollama' }))
    const address = modelAddress(`${server.url.replace('//', '//bot:hunter2@')}/ollama/`, '{"x-team":"lab"}')
    const seen = await inspectModelServer(address)
    await namedModel(seen, 'm:1b', String)
    expect(seen).toMatchObject({ url: `${server.url}/ollama`, version: '0.32.9', models: ['m:1b'] })
    const authorization = `Basic ${Buffer.from('bot:hunter2').toString('base64')}`
    expect(server.asked.map(({ path, headers }) => [path, headers.authorization, headers['x-team']])).toEqual(
      ['tags', 'version', 'show'].map(call => [`/ollama/api/${call}`, authorization, 'lab']),
    )
  })

  // adiled/hum#44: some have neither.
  test('a server that tells neither version nor capabilities', async () => {
    await using server = await fakeServer((asked, response) =>
      asked.path === '/api/tags' ? send(response, 200, { models: [{ model: 'm' }] }) : send(response, 404, {}),
    )
    const seen = await inspectModelServer(server)
    expect(seen.version).toBe('unknown')
    expect(await namedModel(seen, 'm:latest', String)).toEqual({ name: 'm', billions: 8, capabilities: undefined })
  })
})

describe('a missing model', () => {
  const choose = (name: string) => `--model ${name}`
  test.each<[string, Record<string, string[]>, RegExp]>([
    [
      'x',
      { 'e:1': ['embedding'], 'llama3.2:3b': ['completion'] },
      /expected the model x.*\nIt can chat with: llama3\.2:3b\nType: --model llama3\.2:3b; or ollama pull x/s,
    ],
    ['e:1', { 'e:1': ['embedding'], 'm:1': ['completion'] }, /e:1 only does: embedding\.\nIt can chat with: m:1/],
    ['x', { 'e:1': ['embedding'] }, /It has no model that can chat\. Type: ollama pull x/],
    ['x', {}, /It has no model that can chat/],
  ])('%s of %j', async (wanted, models, what) => {
    await using server = await fakeServer(ollama({ models }))
    const found = inspectModelServer(server).then(seen => namedModel(seen, wanted, choose))
    await expect(found).rejects.toMatchObject({ code: 'NO_MODEL', exitCode: 2, message: expect.stringMatching(what) })
  })

  test.each([
    ['134.52M', 0.135],
    ['8.0B', 8],
    ['1T', 1000],
    ['', 8],
  ])('%s', (size, billions) => expect(parameters(size)).toBe(billions))
})

describe('before a lab starts', () => {
  const plan = (url: string, settings = {}) => {
    const [fast, slow] = DEFAULT_PLAN.gpus
    return { ...DEFAULT_PLAN, gpus: [{ ...fast!, url }, slow!], settings: { model: 'm:1b', ...settings } }
  }

  test('mixed answers and a reasoning model with little room are announced', async () => {
    await using server = await fakeServer(ollama({ models: { 'm:1b': ['completion', 'thinking'] } }))
    expect(await lookAtModelServers(plan(server.url, { think: 'unset' }))).toEqual([
      expect.stringMatching(/^m:1b reasons .* answerTokensMax \(400\)/),
      expect.stringMatching(/^gpu-slow stays simulated: .* npm run lab:stop worker-slow$/),
    ])
    expect(await lookAtModelServers(plan(server.url, { think: 'false' }))).toHaveLength(1)
    expect(await lookAtModelServers(plan(server.url, { think: 'true', answerTokensMax: 4_000 }))).toHaveLength(1)
  })

  test('one server for two workers is looked at once, and announced', async () => {
    await using server = await fakeServer(ollama())
    const gpus = plan(server.url).gpus.map(gpu => ({ ...gpu, url: server.url }))
    expect(await lookAtModelServers({ ...plan(server.url), gpus })).toEqual([
      expect.stringMatching(/^gpu-fast and gpu-slow are one server/),
    ])
    expect(server.asked.map(({ path }) => path).toSorted()).toEqual(['/api/show', '/api/tags', '/api/version'])
  })

  test('a lab of simulated GPUs looks at nothing', async () => expect(await lookAtModelServers(DEFAULT_PLAN)).toEqual([]))

  test('a setting that the model does not support is refused', async () => {
    await using server = await fakeServer(ollama())
    await expect(lookAtModelServers(plan(server.url, { think: 'high' }))).rejects.toMatchObject({ code: 'BAD_SETTING', exitCode: 3 })
    await expect(lookAtModelServers(plan(server.url, { model: 'n' }))).rejects.toThrow(/Type: --set model=m:1b; or ollama pull n/)
    await expect(lookAtModelServers(plan(server.url, { seed: -1 }))).rejects.toMatchObject({ code: 'BAD_SETTING' })
  })
})
