import { expect, test } from 'vitest'
import { resolveSettings } from './settings.ts'
import {
  BROKER_PERMISSIONS,
  cancelledQueueDeclaration,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  DEAD_QUEUE_DECLARATION,
  FANOUT_EXCHANGE,
  fanoutQueueDeclaration,
  taskQueue,
  taskQueueDeclaration,
} from './topology.ts'

test('a capability names its work queue', () => expect(['chat', 'chat.14b'].map(taskQueue)).toEqual(['bot.tasks', 'bot.tasks.chat.14b']))

test('a full quorum queue refuses the publish instead of dropping the oldest question', () => {
  expect(taskQueueDeclaration('chat', resolveSettings()).options.arguments).toEqual({
    'x-queue-type': 'quorum',
    'x-dead-letter-exchange': DEAD_EXCHANGE,
    'x-max-length': 10_000,
    'x-overflow': 'reject-publish',
    'x-delivery-limit': 20,
  })
})

test('a classic queue has no delivery limit: it would be ignored', () => {
  expect(taskQueueDeclaration('chat', resolveSettings({ taskQueueType: 'classic' })).options.arguments).not.toHaveProperty(
    'x-delivery-limit',
  )
})

test('delayed retry is asked of a quorum queue alone, at most ten times the delay', () => {
  const declared = (taskQueueType: 'quorum' | 'classic') =>
    taskQueueDeclaration('chat', resolveSettings({ taskQueueType, taskRetryDelayMs: 200 })).options.arguments
  expect(declared('quorum')).toMatchObject({ 'x-delayed-retry-type': 'all', 'x-delayed-retry-min': 200, 'x-delayed-retry-max': 2_000 })
  expect(declared('classic')).not.toHaveProperty('x-delayed-retry-type')
})

test('the queue of a node on the fan-out: its own and exclusive, or durable by name', () => {
  expect(fanoutQueueDeclaration('im-a', resolveSettings())).toMatchObject({ name: '', options: { exclusive: true } })
  expect(fanoutQueueDeclaration('im-a', resolveSettings({ design: 'article' }))).toMatchObject({
    name: 'im.im-a',
    options: { durable: true, exclusive: false },
  })
})

test('what every part declares as it connects survives the loss of a node', () => {
  for (const { options } of [
    DEAD_QUEUE_DECLARATION,
    cancelledQueueDeclaration('worker-fast', 'one'),
    taskQueueDeclaration('chat', resolveSettings()),
  ])
    expect(options.exclusive || options.arguments['x-queue-type'] === 'quorum').toBe(true)
})

test('a worker may read neither chat messages nor the queues of the nodes', () => {
  const { read, write, configure } = BROKER_PERMISSIONS.worker
  for (const name of [FANOUT_EXCHANGE, 'im.im-a', 'amq.gen-x'])
    expect([read, configure].some(rule => new RegExp(rule).test(name))).toBe(false)
  expect(new RegExp(write).test(FANOUT_EXCHANGE)).toBe(true)
  expect(new RegExp(read).test(taskQueue('chat')) && new RegExp(read).test(DEAD_QUEUE)).toBe(true)
})
