import { expect, onTestFinished, test } from 'vitest'
import { type FakeBroker, fakeBroker } from './fake-broker.ts'
import { lookAtBroker } from './look.ts'

/** Servers that are not RabbitMQ, or show less of themselves. */

async function looked(properties: Record<string, string>, api: Readonly<Record<string, unknown>>) {
  const fake: FakeBroker = await fakeBroker(properties, api)
  onTestFinished(() => fake[Symbol.asyncDispose]())
  const url = `amqp://ann@127.0.0.1:${fake.amqp}`
  const broker = { url, virtualHost: 'team', management: `http://127.0.0.1:${fake.management}`, password: 'canary' }
  return lookAtBroker(broker, AbortSignal.timeout(10_000))
}

test('another server with a version of its own, tags as a text, and no feature flags', async () => {
  const seen = await looked({ product: 'LavinMQ', version: '2.4.0' }, { whoami: { tags: 'administrator' }, overview: {} })
  expect(seen).toEqual({ product: 'LavinMQ', version: '2.4.0', featureFlags: null, queues: null, spaces: 'virtual-hosts' })
})

test('one without a name; a user who may not make virtual hosts sees the queues of theirs', async () => {
  const api = {
    whoami: { tags: ['management'] },
    'queues/team': ['of-others', 'too', 'prefetch-lab-0-lab.bot.tasks'].map(name => ({ vhost: 'team', name })),
  }
  expect(await looked({}, api)).toEqual({ product: '', version: '', featureFlags: null, queues: 2, spaces: 'prefixes' })
})

test('flags are those that are on', async () => {
  const flags = [
    { name: 'khepri_db', state: 'disabled' },
    { name: 'quorum_queue', state: 'enabled' },
  ]
  const api = { whoami: { tags: ['administrator'] }, queues: [{ vhost: 'prefetch-lab-0-lab', name: 'bot.tasks' }], 'feature-flags': flags }
  const seen = await looked({ product: 'RabbitMQ', version: '4.3.6' }, api)
  expect(seen).toMatchObject({ featureFlags: ['quorum_queue'], queues: 0 })
})

test.each([
  ['no tag', { whoami: { tags: [] } }, /got no tag\n.*set_user_tags ann management/],
  ['no management API behind that port', {}, /got the answer 404/],
])('%s: refused, and the password is not shown', async (_, api, words) => {
  const error = await looked({ product: 'RabbitMQ', version: '4.3.6' }, api).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'BROKER_DENIED', message: expect.stringMatching(words) })
  expect(String(error)).not.toContain('canary')
})
