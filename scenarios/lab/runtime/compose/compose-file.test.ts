import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { DEFAULT_PLAN, partsOf } from '../../plan.ts'
import { brokerDefinitions } from '../rabbitmq.ts'
import { compose, composeProgram } from './docker.ts'
import { composeDocument } from './document.ts'
import { COMPOSE_FOLDER } from './images.ts'

/** compose.yaml as compose reads it, alone and with a lab's additions. Needs no engine. */

const Service = z.looseObject({
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  privileged: z.boolean().optional(),
  mem_limit: z.string().optional(),
  pids_limit: z.number().optional(),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
  ports: z.array(z.looseObject({ host_ip: z.string().optional(), published: z.string(), target: z.number() })).optional(),
  networks: z.record(z.string(), z.unknown()).optional(),
  volumes: z.array(z.looseObject({ source: z.string().optional(), target: z.string(), read_only: z.boolean().optional() })).optional(),
  environment: z.record(z.string(), z.string().nullable()).optional(),
  image: z.string().optional(),
})
type Service = z.infer<typeof Service>
const Merged = z.looseObject({
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
})

/** One that does its work and ends. */
const ONE_SHOT = 'migrate'
const PASSWORDS = Object.fromEntries(
  ['broker.im', 'broker.worker', 'broker.lab', 'database.owner', 'database.im', 'database.worker'].map(user => [user, `${user}$1`]),
)

const here = (await composeProgram()) !== undefined
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-file-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const merged = async (...more: string[]) => (await mergedWhole(...more)).services

async function mergedWhole(...more: string[]): Promise<z.infer<typeof Merged>> {
  const files = [join(COMPOSE_FOLDER, 'compose.yaml'), ...more].flatMap(file => ['--file', file])
  const text = await compose([
    '--project-name',
    'test',
    '--env-file',
    join(COMPOSE_FOLDER, 'images.env'),
    ...files,
    'config',
    '--format',
    'json',
  ])
  // What it prints could be read again: each dollar is doubled.
  return Merged.parse(JSON.parse(text.replaceAll('$$', '$')))
}

async function mergedLab(): Promise<Record<string, Service>> {
  const parts = partsOf(DEFAULT_PLAN).map(part => part.name)
  const all = ['amqp', 'management', 'sql', 'http', 'control']
  const ports = Object.fromEntries(parts.map((part, i) => [part, Object.fromEntries(all.map((name, j) => [name, 21_000 + 10 * i + j]))]))
  const base = join(COMPOSE_FOLDER, 'compose.yaml')
  const plan = { ...DEFAULT_PLAN, settings: { workerPrefetchTasks: 7, consumerTimeoutMs: 3_000 } }
  const text = composeDocument({
    folder,
    plan,
    ports,
    passwords: PASSWORDS,
    secret: 'a-secret-with-a-$',
    space: 'lab',
    spaces: ['lab', 'lab2'],
    base,
  })
  await writeFile(join(folder, 'lab.yaml'), text)
  return merged(join(folder, 'lab.yaml'))
}

/** What a service lacks of the hardening that all must have, in words. */
function lacks(service: Service): string[] {
  const must: [string, boolean][] = [
    ['a user that is not root', /^[1-9]\d*:[1-9]\d*$/.test(service.user ?? '')],
    ['read_only', service.read_only === true],
    ['cap_drop: ALL', service.cap_drop?.join() === 'ALL' && service.cap_add === undefined],
    ['no-new-privileges', service.security_opt?.includes('no-new-privileges:true') === true],
    ['no privileges', service.privileged !== true],
    ['a memory limit', Number(service.mem_limit ?? 0) > 0],
    ['a limit of processes', (service.pids_limit ?? 0) > 0],
    ['a tag on its image', /:[^:/]+$/.test(service.image ?? '')],
    ['ports on 127.0.0.1 alone', (service.ports ?? []).every(port => port.host_ip === '127.0.0.1')],
    ["no way to Docker's socket", !JSON.stringify(service.volumes ?? []).includes('docker.sock')],
  ]
  return must.filter(([, holds]) => !holds).map(([what]) => what)
}

describe.skipIf(!here)('compose.yaml, as compose reads it', () => {
  test('has the parts that the lab has as processes, and one that ends early', async () => {
    expect(Object.keys(await merged()).sort()).toEqual([...partsOf(DEFAULT_PLAN).map(part => part.name), ONE_SHOT].sort())
  })

  test('every service is hardened, alone and in a lab; one that is not is found', async () => {
    for (const services of [await merged(), await mergedLab()])
      for (const [name, service] of Object.entries(services)) expect([name, lacks(service)]).toEqual([name, []])
    const loose = (await merged())['im-a'] ?? {}
    expect(lacks({ ...loose, user: '0:0', read_only: false, ports: [{ published: '1', target: 1 }] })).toEqual([
      'a user that is not root',
      'read_only',
      'ports on 127.0.0.1 alone',
    ])
  })

  test('a real Ollama in place of a simulated GPU is hardened as the others are, publishes nothing, and stands with its worker alone on a network without a way out', async () => {
    const { services, networks } = await mergedWhole(join(COMPOSE_FOLDER, 'compose.ollama.yaml'))
    expect(Object.keys(services).sort()).toEqual(Object.keys(await merged()).sort())
    const gpu = services['gpu-fast'] ?? {}
    expect([lacks(gpu), gpu.ports ?? [], gpu.healthcheck?.test?.[0]]).toEqual([[], [], 'CMD'])
    expect(gpu.volumes).toMatchObject([{ target: '/models', read_only: true }])
    expect(networks['models']?.internal).toBe(true)
    const onModels = Object.keys(services).filter(name => Object.hasOwn(services[name]?.networks ?? {}, 'models'))
    expect(onModels.sort()).toEqual(['gpu-fast', 'worker-fast'])
    expect(Object.keys(gpu.networks ?? {})).toEqual(['models'])
  })

  test('by hand every part has a health check; a lab looks for itself', async () => {
    const [byHand, lab] = [await merged(), await mergedLab()]
    for (const name of partsOf(DEFAULT_PLAN).map(part => part.name)) {
      expect([name, byHand[name]?.healthcheck?.test?.[0]]).toEqual([name, 'CMD'])
      expect([name, lab[name]?.healthcheck?.disable]).toEqual([name, true])
    }
  })

  test('broker, database and nodes fit into 2 GB', async () => {
    const services = await merged()
    const bytes = ['rabbitmq', 'postgres', 'im-a', 'im-b'].map(name => Number(services[name]?.mem_limit))
    expect(bytes.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(2 * 2 ** 30)
  })

  test('workers stand at home and publish nothing; the broker and the database alone stand on both networks', async () => {
    const services = await mergedLab()
    const networks = Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, Object.keys(service.networks ?? {}).sort()]),
    )
    expect(networks).toEqual({
      rabbitmq: ['cloud', 'home'],
      postgres: ['cloud', 'home'],
      migrate: ['cloud'],
      'im-a': ['cloud'],
      'im-b': ['cloud'],
      'gpu-fast': ['home'],
      'gpu-slow': ['home'],
      'worker-fast': ['home'],
      'worker-slow': ['home'],
    })
    for (const worker of ['worker-fast', 'worker-slow'])
      expect([services[worker]?.ports ?? [], services[worker]?.environment?.['LISTEN_HOST']]).toEqual([[], undefined])
  })

  test('by hand the broker gets the users and permissions that a lab would give it', async () => {
    const definitions = (await merged())['rabbitmq']?.environment?.['DEFINITIONS'] ?? ''
    const byHand = Object.fromEntries(['im', 'worker', 'lab'].map(role => [`broker.${role}`, 'lab-by-hand']))
    expect(JSON.parse(definitions)).toEqual(brokerDefinitions(byHand, ['lab']))
  })

  test('a lab adds its settings, its passwords with whatever they contain, and its own ports in place of the ones by hand', async () => {
    const services = await mergedLab()
    expect(services['worker-slow']?.environment).toMatchObject({
      WORKER_PREFETCH_TASKS: '7',
      OLLAMA_URL: 'http://gpu-slow:11434',
      AMQP_URL: 'amqp://worker:broker.worker$1@rabbitmq:5672/lab',
    })
    expect(services['im-a']?.environment?.['LAB_SECRET']).toBe('a-secret-with-a-$')
    expect(services['im-a']?.ports?.map(port => port.published)).toEqual(['21023'])
    expect(services['rabbitmq']?.environment?.['RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS']).toBe(
      '-rabbit consumer_timeout 3000 -rabbit channel_tick_interval 1000',
    )
    expect(JSON.parse(services['rabbitmq']?.environment?.['DEFINITIONS'] ?? '{}').vhosts).toEqual([{ name: 'lab' }, { name: 'lab2' }])
  })
})
