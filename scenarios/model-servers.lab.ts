import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { answerDirective } from '#contracts/gpu-timing'
import type { GpuFaults } from '#contracts/http'
import { apologyFor, type TaskFailure } from '#contracts/tasks'
import { type Lab, startLab } from '#lab'

/** What users see of each model server failure in services/ai-worker/README.md. */
let lab: Lab
beforeAll(async () => {
  const settings = {
    timeScale: 10,
    gpuColdLoad: false,
    inferenceGapMs: 2_000,
    answerTokensMax: 3_000,
    serverPauseMaxMs: 2_000,
    taskAttemptsMax: 3,
    taskDeliveryLimit: 3, // RabbitMQ up to 4.2 counts every return towards it.
  }
  lab = await startLab({ settings })
})
afterAll(() => lab[Symbol.asyncDispose]())

const GPUS = ['gpu-fast', 'gpu-slow']
const WITHIN = { withinMs: 60_000 }
const set = (faults: GpuFaults, gpus = GPUS) => Promise.all(gpus.map(gpu => lab.faults(gpu, faults)))
const workersReady = async () => (await lab.status()).filter(({ kind, state }) => kind === 'worker' && state === 'ready').length
afterEach(async () => {
  await set({})
  await lab.until('both workers are in service', workersReady, { equals: 2, ...WITHIN })
})

async function askMany(count: number, prefix: string): Promise<string[]> {
  const client = await lab.client(`asker-${prefix}`)
  const answers = await Promise.all(Array.from({ length: count }, (_, i) => client.ask(`${prefix} ${i}`)))
  return answers.map(({ state }) => state)
}
async function rows(asker: string) {
  const found = await lab.sql<{ attempts: number; refunded: number; failure: string | null }>(
    'select attempts, refunded, failure from tasks where asker = $1',
    [asker],
  )
  return found.map(({ attempts, refunded, failure }) => ({ counted: attempts - refunded, failure }))
}

test.each<[name: string, faults: GpuFaults]>([
  ['500', { status: 500 }],
  ['out-of-memory', { failure: 'out-of-memory' }],
  ['proxy-502', { status: 502, body: 'html' }],
  ['unauthorized', { status: 401 }],
  ['model-missing', { modelMissing: true }],
  ['redirect', { status: 302, body: 'empty' }],
  ['reset', { connection: 'reset' }],
  ['silent', { connection: 'silent' }],
  ['bad-request', { status: 400 }],
])('one GPU is sick (%s): the other answers all twelve, none is charged for it, the sick one is named', async (name, faults) => {
  await set(faults, ['gpu-slow'])
  expect(await askMany(12, name)).toEqual(Array(12).fill('answered'))
  expect(await rows(`asker-${name}`)).toEqual(Array(12).fill({ counted: 1, failure: null }))
  const sick = (await lab.status()).find(part => part.name === 'worker-slow')
  expect(sick?.missing.join()).toMatch(/^model server at .*; next look in /)
})

test('both GPUs are busy for a while: the prompt waits, and costs one attempt', async () => {
  await set({ status: 503, times: 3 })
  expect(await askMany(1, 'busy')).toEqual(['answered'])
  expect(await rows('asker-busy')).toEqual([{ counted: 1, failure: null }])
})

test('both GPUs flap for longer than the delivery limit: the prompt is answered, and costs one attempt', async () => {
  await set({ status: 503, onlyPromptsWith: 'flapping', times: 4 })
  expect(await askMany(2, 'flapping')).toEqual(['answered', 'answered'])
  expect(await rows('asker-flapping')).toEqual(Array(2).fill({ counted: 1, failure: null }))
})

test('a late give-back leaves the attempt of the next worker alone', async () => {
  const client = await lab.client('asker-late')
  // Longer than a busy machine needs for three looks.
  const sent = await client.send(client.robot, `a story ${answerDirective(3_000)}`)
  const task = sent.state === 'stored' ? (sent.task ?? '') : ''
  const row = () =>
    lab.sql<{ state: string; attempts: number; refunded: number }>('select state, attempts, refunded from tasks where id = $1', [task])
  await lab.until('it runs', async () => (await row())[0]?.state, { equals: 'running', ...WITHIN })
  await lab.sql('select give_back($1, 0, true)', [task], 'worker')
  expect(await row()).toEqual([{ state: 'running', attempts: 1, refunded: 0 }])
  expect(await client.cancel(task)).toMatchObject({ state: 'cancelled' })
})

test('attempts are given back in the order of ids: a worker that waits for the lower one holds no higher one', async () => {
  const [low, high] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
  // The higher one comes first in the table: that is the order of a plain update.
  for (const id of [high, low])
    await lab.sql(
      `insert into tasks (id, conversation, seq, asker, robot, capability, client_message_id, state, attempts, published_at)
       values ($1, $1, 1, 'asker-refund', 'URobot', 'chat', $1, 'running', 1, now())`,
      [id],
    )
  await using other = await lab.sqlSession()
  await other.query('begin')
  await other.query('select 1 from tasks where id = $1 for update', [low])
  const refund = lab.sql('select refund_attempts($1)', [[high, low]], 'worker')
  await lab.until('it waits', async () => (await lab.sql('select 1 from pg_locks where not granted')).length, { equals: 1, ...WITHIN })
  const free = await lab.sql('select id from tasks where id = any ($1) for update skip locked', [[low, high]])
  expect(free).toEqual([{ id: high }])
  await other.query('commit')
  await refund
  expect(await rows('asker-refund')).toEqual(Array(2).fill({ counted: 0, failure: null }))
  await lab.sql("delete from tasks where asker = 'asker-refund'")
})

const ended = (why: TaskFailure) => apologyFor(why, { apologyText: '' })

test.each<[name: string, faults: GpuFaults, body: string, failure: string]>([
  ['too-long', { status: 400, error: 'the input length exceeds the context length' }, ended('too-long'), 'too-long'],
  ['thinks', { reasoning: 'only' }, ended('only-thinking'), 'only-thinking'],
  ['odd', { status: 422, error: 'invalid message content' }, ended('refused'), 'refused'],
])('what cannot get better ends at the first attempt, with a reason (%s)', async (name, faults, body, failure) => {
  await set({ ...faults, onlyPromptsWith: name })
  const client = await lab.client(`asker-${name}`)
  expect(await client.ask(`${name} please`)).toMatchObject({ state: 'apology', message: { body, answered: false } })
  expect(await rows(`asker-${name}`)).toEqual([{ counted: 1, failure }])
})

test('a cancelled prompt frees its GPU within a second, and the next one begins', async () => {
  await lab.stop('worker-fast')
  const told: string[] = []
  const client = await lab.client('canceller')
  await lab.client('canceller', { on: { refused: ({ ref, code }) => told.push(`${code} ${ref}`) } })
  const sent = await client.send(client.robot, `a long story ${answerDirective(400)}`)
  const task = sent.state === 'stored' ? (sent.task ?? '') : ''
  const entry = async () => (await lab.inferences('gpu-slow')).find(run => run.task === task)
  await lab.until('it runs', async () => (await entry())?.outcome, { equals: 'running', ...WITHIN })
  expect(await client.cancel(task)).toMatchObject({ state: 'cancelled' })
  await lab.until('the GPU is free', async () => (await entry())?.outcome, { equals: 'aborted', withinMs: 1_000 })
  // Again: only the asking device hears it.
  expect(await client.cancel(task)).toEqual({ state: 'cancelled' })
  expect(await client.ask('and a short one')).toMatchObject({ state: 'answered' })
  expect(told).toEqual([`CANCELLED ${task}`])
  await lab.start('worker-fast')
})

test('while the server loads the model the asker hears of it, and nothing is given up', async () => {
  await lab.stop('worker-fast')
  await lab.faults('gpu-slow', { loadMs: 3_000 }) // Longer than the gap.
  await lab.stop('worker-slow')
  await lab.start('worker-slow') // One that has not heard of its server lately.
  const loading: string[] = []
  const client = await lab.client('loader', { on: { loading: ({ task }) => loading.push(task) } })
  const answer = await client.ask('hello')
  expect(answer).toMatchObject({ state: 'answered' })
  expect(loading).toEqual(answer.state === 'answered' ? [answer.task] : [])
  expect(await rows('loader')).toEqual([{ counted: 1, failure: null }])
  await lab.start('worker-fast')
})
