import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import type { Task } from '#contracts/tasks'
import type { Broker, Delivery, Publication, PublishOutcome } from '../kit/broker/types.ts'
import type { Attempt, TaskStore } from '../kit/task-store.ts'
import { Worker } from './worker.ts'

/** What a worker does with its deliveries; broker and database are recorders. */

const THIRD: Attempt = { state: 'go', attempt: 3, counted: 3 }
const FIRST: Attempt = { state: 'go', attempt: 1, counted: 1 }

const server = createServer(async (req, res) => {
  if (req.url === '/api/ps') return void res.writeHead(404).end()
  const whole = await text(req).catch(() => undefined)
  requests.push(`attempt ${req.headers['x-prefetch-attempt']} ${whole === undefined ? 'hung up' : 'whole'}`)
  if (!healthy) res.writeHead(401).end()
  else res.end(`${JSON.stringify({ message: { content: 'Hi' } })}\n${JSON.stringify({ message: {}, done: true })}\n`)
})
/** Requests for an inference, once their body ended one way or the other. */
let requests: string[] = []
let counting: () => Promise<Attempt> = () => Promise.resolve(THIRD)
let healthy = true
let did: string[] = []
let copies: PublishOutcome = 'confirmed'
beforeEach(async () => {
  ;[healthy, did, copies, requests] = [true, [], 'confirmed', []]
  counting = () => Promise.resolve(THIRD)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const broker = {
  async publish({ exchange, routingKey, body, messageId }: Publication): Promise<PublishOutcome> {
    if (exchange !== 'bot.direct') return 'confirmed'
    const { id } = JSON.parse(body.toString()) as Task
    did.push(`copy of ${id} to ${routingKey}, message ${messageId}: ${copies}`)
    return copies
  },
} as Pick<Broker, 'publish'> as Broker

const store: Pick<TaskStore, 'beginAttempt' | 'giveBack' | 'refund' | 'saveAnswer'> = {
  beginAttempt: () => counting(),
  giveBack: async (task, attempt, refund) => void did.push(`row ${task}: attempt ${attempt} given back, free ${refund}`),
  refund: () => Promise.resolve(),
  async saveAnswer({ task, body }) {
    did.push(`${task.id}: ${body}`)
    return { message: { type: 'message', to: 'ann' } as never, first: true }
  },
}

function worker(settings: SettingsInput): Worker {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const log = pino({ level: 'silent' })
  const resolved = resolveSettings({ think: 'unset', partialsPerSecond: 0, serverPauseMaxMs: 100, taskDeliveryLimit: 20, ...settings })
  return new Worker({
    name: 'w',
    settings: resolved,
    broker,
    store: store as TaskStore,
    ollamaUrl: url,
    ollamaHeaders: {},
    log,
    registry: new Registry(),
  })
}

/** @param count `x-delivery-count`: how often it went back before. */
function delivery(id: string, count: number | undefined, alive = () => true): Delivery {
  const message = { conversation: 'c', seq: 1, sender: 'ann', clientMessageId: 'm', sentAt: '' }
  const uuid = (text: string) => `00000000-0000-5000-8000-${text.padStart(12, '0')}`
  const task = { v: 1, id: uuid(id), capability: 'chat', prompt: 'hello', robot: 'URobot' }
  const body = JSON.stringify({ ...task, message: { ...message, conversation: uuid('c'), clientMessageId: uuid('e') } })
  const settle = (how: string) => () => alive() && did.push(`${how} ${task.id}`) > 0
  return {
    body: Buffer.from(body),
    routingKey: 'chat',
    redelivered: false,
    deliveryCount: count,
    messageId: task.id,
    alive,
    ack: settle('ack'),
    nack: settle('nack'),
    reject: requeue => settle(requeue ? 'reject' : 'dead')(),
  }
}

const A = '00000000-0000-5000-8000-00000000000a'
const copied = (outcome: PublishOutcome) => `copy of ${A} to chat, message ${A}: ${outcome}`
const free = `row ${A}: attempt 3 given back, free true`

const apology = [`${A}: ${resolveSettings({}).apologyText}`, `dead ${A}`]
const brokerCounts = { taskAttemptsMax: 0 }

test.each<[what: string, count: number | undefined, settings: SettingsInput, outcome: PublishOutcome, then: string[]]>([
  ['one return is left', 19, {}, 'confirmed', [free, `nack ${A}`]],
  ['a classic queue counts nothing', undefined, {}, 'confirmed', [free, `nack ${A}`]],
  ['the broker alone counts: a copy', 20, brokerCounts, 'confirmed', [free, copied('confirmed'), `ack ${A}`]],
  ['there is no room for a copy', 20, brokerCounts, 'rejected', [free, copied('rejected'), ...apology]],
  ['nobody knows of the copy', 20, brokerCounts, 'unknown', [free, copied('unknown'), ...apology]],
  [
    'its attempt counts',
    20,
    { ...brokerCounts, failureHandling: 'retry' },
    'confirmed',
    [`row ${A}: attempt 3 given back, free false`, ...apology],
  ],
])('a server is sick, and %s', async (_what, count, settings, outcome, then) => {
  ;[healthy, copies] = [false, outcome]
  await using one = worker(settings)
  one.take('bot.tasks', delivery('a', count))
  await expect.poll(() => did).toEqual(then)
})

test.each<[what: string, count: number, settings: SettingsInput, outcome: PublishOutcome, then: string[]]>([
  ['a copy, and no attempt', 20, {}, 'confirmed', [copied('confirmed'), `ack ${A}`]],
  ["the broker's own limit", 20, { taskDeliveryLimit: 0 }, 'confirmed', [copied('confirmed'), `ack ${A}`]],
  ['no room for a copy', 20, {}, 'rejected', [copied('rejected'), ...apology]],
  ['one delivery before: begun', 19, {}, 'confirmed', [`${A}: Hi`, `ack ${A}`]],
  ['the broker alone counts: begun', 20, brokerCounts, 'confirmed', [`${A}: Hi`, `ack ${A}`]],
])('a task is delivered for the last time: %s', async (_what, count, settings, outcome, then) => {
  copies = outcome
  await using one = worker(settings)
  one.take('bot.tasks', delivery('a', count))
  await expect.poll(() => did).toEqual(then)
})

test('it says how long it has held the oldest task, and nothing if it holds none', async () => {
  await using one = worker({ workerPrefetchTasks: 3 })
  one.consumers.set('bot.tasks', { active: true, cancel: async () => {}, resume: async () => {} })
  const counted = Promise.withResolvers<Attempt>()
  counting = () => counted.promise
  expect(one.held()).not.toHaveProperty('oldestMs')
  one.take('bot.tasks', delivery('a', 0))
  await expect.poll(() => one.held().oldestMs ?? 0).toBeGreaterThan(5)
  one.take('bot.tasks', delivery('b', 0))
  expect(one.held().oldestMs).toBeGreaterThan(5)
  counted.resolve(THIRD)
  await expect.poll(() => one.held()).not.toHaveProperty('oldestMs')
})

test('tasks that the broker took back are not held any more', async () => {
  await using one = worker({ workerPrefetchTasks: 3 })
  one.consumers.set('bot.tasks', { active: true, cancel: async () => {}, resume: async () => {} })
  let isOpen = true
  for (const id of ['a', 'b', 'c'])
    one.take(
      'bot.tasks',
      delivery(id, 0, () => isOpen),
    )
  const held = () => one.held().queues['bot.tasks']
  expect(held()).toEqual({ held: 3, running: 1 })
  isOpen = false
  expect(held()).toEqual({ held: 1, running: 1 })
})

test('a worker that leaves service or stops gives its buffer back, and waits for that', async () => {
  healthy = false
  {
    await using one = worker({})
    one.take('bot.tasks', delivery('b', 0))
    one.take('bot.tasks', delivery('a', 20))
    await expect.poll(() => did).toContain(`ack ${A}`)
  }
  did = []
  healthy = true
  {
    await using one = worker({})
    one.take('bot.tasks', delivery('b', 0))
    one.take('bot.tasks', delivery('a', 20))
  }
  expect(did.filter(what => what.includes(A))).toEqual([copied('confirmed'), `ack ${A}`])
})

test('with automatic ack a task stays with a worker out of service until it returns', async () => {
  healthy = false
  await using one = worker({ workerAck: 'automatic' })
  for (const id of ['a', 'b', 'c']) one.take('bot.tasks', delivery(id, undefined))
  await expect.poll(() => one.ready().ready).toBe(false)
  healthy = true
  await expect.poll(() => did.filter(what => what.endsWith(': Hi')).length).toBe(3)
})

test('a channel that fell in mid-inference: no apology, and the row is given back for this attempt alone', async () => {
  healthy = false
  let alive = true
  await using one = worker({ failureHandling: 'retry', taskAttemptsMax: 3 })
  one.take(
    'bot.tasks',
    delivery('a', 0, () => alive),
  )
  alive = false
  await expect.poll(() => did).toEqual([`row ${A}: attempt 3 given back, free false`])
})

test('the model server gets the last byte of a request only once the attempt is counted', async () => {
  await using one = worker({})
  const resolve = await takenEarly(one)
  expect(requests).toEqual([])
  resolve(FIRST)
  await expect.poll(() => did).toEqual([`${A}: Hi`, `ack ${A}`])
  // On a slow machine the first request was dropped before.
  expect(requests.filter(request => request === 'attempt 1 whole')).toHaveLength(1)
})

/** The request of task A is on its way. @returns lets its attempt be counted */
async function takenEarly(one: Worker): Promise<(begun: Attempt) => void> {
  // Who has not heard of its server lately asks nothing early.
  counting = () => Promise.resolve(FIRST)
  one.take('bot.tasks', delivery('b', 0))
  await expect.poll(() => did.length).toBe(2)
  expect(requests).toEqual(['attempt 1 whole'])
  ;[did, requests] = [[], []]
  const { promise, resolve } = Promise.withResolvers<Attempt>()
  counting = () => promise
  const head = once(server, 'request')
  one.take('bot.tasks', delivery('a', 0))
  await head
  return resolve
}

test.each<[what: string, begun: Attempt, asked: string[], then: string[]]>([
  ['it is the third attempt', THIRD, ['attempt 1 hung up', 'attempt 3 whole'], [`${A}: Hi`, `ack ${A}`]],
  ['it was answered before', { state: 'settled' }, ['attempt 1 hung up'], [`ack ${A}`]],
  ['it was cancelled', { state: 'cancelled' }, ['attempt 1 hung up'], [`ack ${A}`]],
  ['its attempts are used up', { state: 'exhausted' }, ['attempt 1 hung up'], apology],
])('a first delivery, but %s: no model begins early', async (_what, begun, asked, then) => {
  await using one = worker({})
  const resolve = await takenEarly(one)
  resolve(begun)
  await expect.poll(() => did).toEqual(then)
  await expect.poll(() => requests.toSorted()).toEqual(asked)
})

test('a redelivery asks nothing before its attempt is counted', async () => {
  await using one = worker({})
  one.take('bot.tasks', { ...delivery('a', 1), redelivered: true })
  await expect.poll(() => did).toEqual([`${A}: Hi`, `ack ${A}`])
  expect(requests).toEqual(['attempt 3 whole'])
})
