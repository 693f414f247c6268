import type { z } from 'zod'
import type { Cancelled } from '#contracts/events'
import type { Readiness } from '#contracts/http'
import type { ImNodeEnv } from '#contracts/parts'
import type { Settings } from '#contracts/settings'
import { CANCELLED_EXCHANGE, TASK_EXCHANGE, taskQueueDeclaration } from '#contracts/topology'
import { startWorker } from '../ai-worker/index.ts'
import { connectBroker } from '../kit/broker/broker.ts'
import { declareExchanges } from '../kit/broker/exchanges.ts'
import { connectChatStore, tasksAtOnce } from '../kit/chat-store.ts'
import { EnvError } from '../kit/env.ts'
import { createFanOut } from '../kit/fan-out.ts'
import type { Log } from '../kit/log.ts'
import { counter, createRegistry, gauge } from '../kit/metrics.ts'
import { listen, opsRoutes } from '../kit/ops.ts'
import { BUSY_MESSAGES } from './busy.ts'
import { Connections } from './connections.ts'
import { createConversationOrder } from './conversation-order.ts'
import { openGate } from './gate.ts'
import { createHandOver } from './hand-over.ts'
import { createHeadCheck } from './head-check.ts'
import { chatRoutes } from './http.ts'
import { SendPath } from './send/send-path.ts'
import { openSession } from './session.ts'
import { Tokens } from './token.ts'
import { createWaiting } from './waiting.ts'

/** Builds a node. Disposing it costs users at most a reconnect. */
export async function startImNode(env: z.infer<typeof ImNodeEnv>, settings: Settings, log: Log): Promise<AsyncDisposable> {
  if (settings.capabilities.length > 0 && env.OLLAMA_URL === undefined)
    throw new EnvError('OLLAMA_URL is needed by a node with capabilities')
  await using stack = new AsyncDisposableStack()
  const node = env.PART_NAME
  const registry = createRegistry(node)
  const ignored = counter(registry, 'chat_fanout_ignored_total', 'Deliveries ignored because no socket of the addressee is here')
  const connections = new Connections(settings)
  const tokens = new Tokens(env.LAB_SECRET)
  const store = stack.use(connectChatStore(env.DATABASE_URL, node, log, settings))
  const broker = stack.use(
    connectBroker({
      url: env.AMQP_URL,
      name: node,
      log,
      async declare(channel) {
        await declareExchanges(channel, 'im')
        // Tasks wait even where no worker ever ran.
        for (const capability of settings.capabilitiesOffered) {
          const { name, options } = taskQueueDeclaration(capability, settings)
          await channel.assertQueue(name, options)
          await channel.bindQueue(name, TASK_EXCHANGE, capability)
        }
      },
    }),
  )
  const parts = { node, settings, store, broker, connections, registry, log }
  const headCheck = stack.use(createHeadCheck({ ...parts, everyMs: settings.chatStored ? settings.headCheckMs : 0 }))
  const waiting = stack.use(createWaiting({ ...parts, everyMs: settings.chatStored ? settings.waitingMs : 0, robot: settings.robotUser }))
  const handOver = stack.use(createHandOver(parts))
  const order = settings.chatStored && tasksAtOnce(settings) > 0 ? stack.use(createConversationOrder({ ...parts, handOver })) : undefined
  const fanOut = createFanOut({ ...parts, from: node })
  broker.onReconnected(() => headCheck.now())
  await fanOut.subscribe({
    deliveries(deliveries) {
      for (const delivery of deliveries) {
        headCheck.passing(delivery)
        waiting.passing(delivery)
        order?.passing(delivery)
        if (connections.deliver(delivery.to, delivery.frame) === 0) ignored.inc()
      }
    },
    // What the others look at never travels ready-made.
    ready(runs, own) {
      const busy = own && runs.reduce((sum, { count }) => sum + count, 0) >= BUSY_MESSAGES
      for (const run of runs) {
        headCheck.ready(run)
        // A sender's own copy can wait for company; the first of a run is its sender.
        if (connections.write(run, busy ? run.to[0] : undefined) === 0) ignored.inc(run.count)
      }
    },
  })
  const sendPath = new SendPath({ ...parts, fanOut, handOver })
  const worker =
    settings.capabilities.length === 0 || env.OLLAMA_URL === undefined
      ? undefined
      : // Another name than the node's: a node drops fan-out batches of its own name.
        stack.use(
          await startWorker({
            name: `${node}-worker`,
            settings,
            broker,
            store,
            ollamaUrl: env.OLLAMA_URL,
            ollamaHeaders: env.OLLAMA_HEADERS ?? {},
            ollamaApiKey: env.OLLAMA_API_KEY ?? '',
            log,
            registry,
          }),
        )

  const malformed = counter(registry, 'chat_malformed_total', 'Connections closed for a malformed frame')
  const slow = counter(registry, 'chat_slow_total', 'Connections closed because their reader was slow')
  const connected = counter(registry, 'chat_connected_total', 'Connections that showed a valid token')
  gauge(registry, 'chat_connections', 'Authenticated connections', () => connections.count)
  const cancelled = (task: string) =>
    void broker.publish(
      {
        exchange: CANCELLED_EXCHANGE,
        routingKey: '',
        body: Buffer.from(JSON.stringify({ v: 1, task } satisfies Cancelled)),
        persistent: false,
      },
      { confirmTimeoutMs: settings.confirmTimeoutMs, confirm: false },
    )
  const count = { malformed: () => malformed.inc(), slow: () => slow.inc(), connected: () => connected.inc() }

  async function readiness(): Promise<Readiness> {
    const { publishing, consuming, lastError } = broker.state
    const missing = [
      ...(publishing === 'connected' && consuming === 'connected' ? [] : [`broker (${lastError ?? 'connecting'})`]),
      ...(await store.missing()),
      ...(worker === undefined || worker.ready().ready ? [] : worker.ready().missing),
    ]
    return { ready: missing.length === 0, missing }
  }

  const part: Record<string, unknown> = { part: node }
  const app = chatRoutes({ settings, secret: env.LAB_SECRET, tokens, store })
  app.route('/', opsRoutes({ readiness, settings, registry, part }))
  app.get('/held', c => c.json(worker?.held() ?? { worker: node, consuming: false, queues: {} }))
  const http = stack.use(await listen(app, env.LISTEN_HOST, env.PORT))
  const gate = stack.use(
    openGate(http.server, settings, (socket, writer) =>
      openSession(socket, writer, { ...parts, tokens, sendPath, fanOut, waiting, cancelled, count }),
    ),
  )
  part['port'] = http.port
  log.info({ port: http.port, design: settings.design }, 'listening')

  const started = stack.move()
  return {
    async [Symbol.asyncDispose]() {
      // Nothing new comes in, what was accepted gets its answer, then the sockets go.
      http.server.close()
      await sendPath.drain()
      log.info({ sockets: gate.sockets.size }, 'drained')
      await started[Symbol.asyncDispose]()
    },
  }
}
