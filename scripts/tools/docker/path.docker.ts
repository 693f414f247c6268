import type { StartedRabbitMQContainer } from '@testcontainers/rabbitmq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChatClient } from '#client'
import { answerDirective } from '#contracts/gpu-timing'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import { BROKER_GENERATIONS, until } from '#lab'
import { FaultLink } from '../../../scenarios/lab/link/fault-link.ts'
import { freePort } from '../../../scenarios/lab/runtime/ports.ts'
import { startWorker } from '../../../services/ai-worker/index.ts'
import { type GpuSim, startGpuSim } from '../../../services/gpu-sim/gpu-sim.ts'
import { startImNode } from '../../../services/im-node/im-node.ts'
import { connectBroker } from '../../../services/kit/broker/broker.ts'
import { declareExchanges } from '../../../services/kit/broker/exchanges.ts'
import { createRegistry } from '../../../services/kit/metrics.ts'
import { connectTaskStore } from '../../../services/kit/task-store.ts'
import { database, LOG, rabbitmq, type TestDatabase, throughLink } from './bench.ts'

/** Store, worker and node on a real broker and database, over faulty links. */

const SECRET = 'a-secret-for-these-tests'
const WITHIN = { withinMs: 60_000 }
const SETTINGS: SettingsInput = { timeScale: 20, gpuColdLoad: false, capabilities: ['chat'], inferenceGapMs: 4_000, waitingMs: 0 }

let stack: AsyncDisposableStack
let store: TestDatabase
let gpu: GpuSim
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  store = stack.use(await database())
  gpu = stack.use(await startGpuSim({ name: 'gpu', settings: resolveSettings(SETTINGS), host: '127.0.0.1', port: 0, controlPort: 0 }))
})
afterAll(() => stack.disposeAsync())

describe.each(BROKER_GENERATIONS)('on RabbitMQ %s', generation => {
  let own: AsyncDisposableStack
  let broker: StartedRabbitMQContainer
  let workersLink: FaultLink
  let client: ChatClient
  beforeAll(async () => {
    own = new AsyncDisposableStack()
    broker = await rabbitmq(generation)
    own.defer(async () => void (await broker.stop()))
    workersLink = own.use(await FaultLink.open({ host: broker.getHost(), port: broker.getMappedPort(5672) }))
    const port = await freePort(new Set())
    const settings = resolveSettings({ ...SETTINGS, capabilities: [] })
    const env = {
      PART_NAME: 'im',
      LISTEN_HOST: '127.0.0.1',
      PORT: port,
      AMQP_URL: broker.getAmqpUrl(),
      DATABASE_URL: store.url('im'),
      LAB_SECRET: SECRET,
    }
    own.use(await startImNode(env, settings, LOG))
    const nodes = [`http://127.0.0.1:${port}`]
    client = own.use(await ChatClient.connect({ secret: SECRET, nodes, user: `asker-${generation.replace('.', '-')}` }))
    own.use(await worker('worker-linked', workersLink.port))
  })
  afterAll(() => own.disposeAsync())

  async function worker(name: string, port?: number): Promise<AsyncDisposable> {
    const url = port === undefined ? broker.getAmqpUrl() : throughLink(broker, { port })
    const parts = new AsyncDisposableStack()
    const tasks = parts.use(connectTaskStore(store.url('worker'), name, LOG))
    const link = parts.use(connectBroker({ url, name, log: LOG, declare: channel => declareExchanges(channel, 'worker') }))
    const settings = resolveSettings(SETTINGS)
    const running = await startWorker({
      name,
      settings,
      broker: link,
      store: tasks,
      ollamaHeaders: {},
      ollamaUrl: gpu.url,
      log: LOG,
      registry: createRegistry(name),
    })
    parts.use(running)
    await until(`${name} is ready`, () => running.ready().missing, { equals: [], ...WITHIN })
    return parts
  }
  const answers = async (task: string) => {
    const { default: pg } = await import('pg')
    const session = new pg.Client({ connectionString: store.container.getConnectionUri() })
    await session.connect()
    try {
      return (await session.query('select attempts, state from tasks where id = $1', [task])).rows as { attempts: number; state: string }[]
    } finally {
      await session.end()
    }
  }

  test('a prompt is answered', async () => {
    const answer = await client.ask('what is a prefetch?')
    expect(answer).toMatchObject({ state: 'answered', message: { answered: true } })
    expect(await answers(answer.state === 'answered' ? answer.task : '')).toEqual([{ attempts: 1, state: 'answered' }])
  })

  test('over a slow link too: 200 ms, 100 more or less, 64 KiB a second', async () => {
    await workersLink.set({ latencyMs: 200, jitterMs: 100, bandwidthBytesPerSecond: 65_536 })
    try {
      expect(await client.ask('and over the slow link?')).toMatchObject({ state: 'answered' })
    } finally {
      await workersLink.set({})
    }
  })

  test('cut in the middle of an answer: the broker gives the task to another worker, and one answer is saved', async () => {
    // It stays in its middle, however long the other worker takes to start.
    const faults = { method: 'PUT', body: JSON.stringify({ hangAfterTokens: 5, times: 1 }) }
    expect((await fetch(new URL('/faults', gpu.controlUrl), faults)).ok).toBe(true)
    const asked = client.ask(`a long one, please ${answerDirective(400)}`)
    await until('it is being inferred', () => inferring(), { equals: true, ...WITHIN })
    await workersLink.set({ down: true })
    await using _ = await worker('worker-other')
    const answer = await asked
    await workersLink.set({})
    expect(answer).toMatchObject({ state: 'answered' })
    const [row] = await answers(answer.state === 'answered' ? answer.task : '')
    expect(row?.state).toBe('answered')
    expect(row?.attempts).toBeGreaterThan(1)
  })

  async function inferring(): Promise<boolean> {
    const response = await fetch(new URL('/inferences', gpu.controlUrl))
    const { inferences } = (await response.json()) as { inferences: { outcome: string }[] }
    return inferences.some(run => run.outcome === 'running')
  }
})
