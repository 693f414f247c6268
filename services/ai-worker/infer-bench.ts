import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import type { Task } from '#contracts/tasks'
import { infer } from './infer.ts'
import { ModelServer } from './model-server/model-server.ts'
import { Steps } from './steps.ts'

/** For tests: one inference on a model server whose answers the test writes. */

export const MORE = {
  worker: 'w',
  attempt: 1,
  steps: new Steps(),
  settings: resolveSettings({}),
  onText: () => undefined,
  onLoading: () => undefined,
}
export const TASK: Task = {
  v: 1,
  id: '00000000-0000-5000-8000-000000000001',
  capability: 'chat',
  message: {
    conversation: '00000000-0000-5000-8000-000000000002',
    seq: 1,
    sender: 'ann',
    clientMessageId: '00000000-0000-5000-8000-000000000003',
    sentAt: '',
  },
  prompt: 'hello',
  robot: 'URobot',
}

/** A busy machine is slow, and says nothing meanwhile. */
const PATIENT_MS = 15_000
/** Where silence is what is tested. Milliseconds. */
export const IMPATIENT = { inferenceGapMs: 300 }

const CHAT = /\/api\/chat$|\/v1\/chat\/completions$/

export type Reply = (req: IncomingMessage, res: ServerResponse, body: string) => void

/** `chat` answers prompts of either API; `others` the rest, else 404 as many imitations do. */
export async function server(chat: Reply, others: Record<string, object> = {}) {
  const seen: { path: string; headers: IncomingMessage['headers']; body: string }[] = []
  let [hungUp, connections] = [0, 0]
  const http = createServer(async (req, res) => {
    let body = ''
    try {
      for await (const piece of req) body += String(piece)
    } catch {
      return // Dropped before its last byte.
    }
    seen.push({ path: req.url ?? '', headers: req.headers, body })
    res.on('close', () => {
      if (!res.writableFinished) hungUp += 1
    })
    const path = (req.url ?? '').replace(/^\/bot/, '')
    if (CHAT.test(path)) return chat(req, res, body)
    res.writeHead(others[path] === undefined ? 404 : 200, { 'content-type': 'application/json' })
    res.end(JSON.stringify(others[path] ?? { error: 'not found' }))
  }).listen(0, '127.0.0.1')
  http.on('connection', () => {
    connections += 1
  })
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/bot/`,
    seen,
    hungUp: () => hungUp,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

export const status = (code: number, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Reply => {
  return (_req, res) => res.writeHead(code, headers).end(body)
}

export async function asked(
  reply: Reply,
  given: { settings?: SettingsInput; others?: Record<string, object>; headers?: Record<string, string> } = {},
) {
  await using there = await server(reply, given.others)
  const settings = resolveSettings({ inferenceGapMs: PATIENT_MS, ...given.settings })
  const model = new ModelServer({ url: there.url, headers: given.headers ?? {}, settings })
  const shown: string[] = []
  let loading = 0
  const result = await infer(TASK, {
    server: model,
    ...MORE,
    settings,
    onText: text => shown.push(text),
    onLoading: () => {
      loading += 1
    },
    signal: new AbortController().signal,
  })
  return {
    result,
    shown,
    loading,
    seen: there.seen,
    chat: JSON.parse(there.seen.find(({ path }) => CHAT.test(path))?.body ?? '{}') as object,
  }
}
