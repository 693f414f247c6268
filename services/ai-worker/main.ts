/** A worker: takes tasks, asks its model server, saves and publishes answers. Only dials out. */
import type { z } from 'zod'
import { type Readiness, WorkerOrders } from '#contracts/http'
import { WorkerEnv } from '#contracts/parts'
import { type Settings, settingsFromEnv } from '#contracts/settings'
import { connectBroker } from '../kit/broker/broker.ts'
import { declareExchanges } from '../kit/broker/exchanges.ts'
import { readEnv } from '../kit/env.ts'
import { runPart } from '../kit/lifecycle.ts'
import type { Log } from '../kit/log.ts'
import { createRegistry } from '../kit/metrics.ts'
import { listen, opsRoutes } from '../kit/ops.ts'
import { connectTaskStore } from '../kit/task-store.ts'
import { startWorker } from './index.ts'

async function start(env: z.infer<typeof WorkerEnv>, given: Settings, log: Log): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const name = env.PART_NAME
  const settings: Settings = { ...given, capabilities: given.capabilities.length > 0 ? given.capabilities : ['chat'] }
  const registry = createRegistry(name)
  const store = stack.use(connectTaskStore(env.DATABASE_URL, name, log))
  const broker = stack.use(connectBroker({ url: env.AMQP_URL, name, log, declare: channel => declareExchanges(channel, 'worker') }))
  const worker = stack.use(
    await startWorker({
      name,
      settings,
      broker,
      store,
      ollamaUrl: env.OLLAMA_URL,
      ollamaHeaders: env.OLLAMA_HEADERS,
      ollamaApiKey: env.OLLAMA_API_KEY,
      log,
      registry,
    }),
  )

  async function readiness(): Promise<Readiness> {
    const { publishing, consuming, lastError } = broker.state
    const missing = [
      ...(publishing === 'connected' && consuming === 'connected' ? worker.ready().missing : [`broker (${lastError ?? 'connecting'})`]),
      ...(await store.missing()),
    ]
    return { ready: missing.length === 0, missing }
  }
  const part: Record<string, unknown> = { part: name, ollamaUrl: new URL(env.OLLAMA_URL).origin }
  const app = opsRoutes({ readiness, settings, registry, part })
  app.get('/held', c => c.json(c.req.query('tasks') === undefined ? worker.held() : { ...worker.held(), tasks: worker.listed() }))
  app.get('/steps', c => c.json({ worker: name, steps: worker.steps(Number.parseInt(c.req.query('after') ?? '-1', 10)) }))
  app.put('/orders', async c => {
    const orders = WorkerOrders.safeParse(await c.req.json().catch(() => undefined))
    if (!orders.success) return c.json({ error: { code: 'BAD_ORDERS', detail: orders.error.issues[0]?.message ?? 'not valid' } }, 400)
    await worker.order(orders.data)
    return c.json(orders.data)
  })
  const http = stack.use(await listen(app, env.LISTEN_HOST, env.PORT))
  part['port'] = http.port
  log.info({ port: http.port, capabilities: settings.capabilities }, 'listening')
  return stack.move()
}

await runPart(process.env['PART_NAME'] ?? 'ai-worker', log => start(readEnv(WorkerEnv, process.env), settingsFromEnv(process.env), log))
