import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AskedBroker, type Lab, lookAtBroker, plannedBroker, startLab } from '#lab'

/** A second RabbitMQ stands for the user's: the lab works there, and leaves it as it was. */

let second: Lab
let asked: Required<Pick<AskedBroker, 'own'>>
beforeAll(async () => {
  second = await startLab({ imNodes: [], gpus: [], workers: [], management: true })
  const { username, password, host } = new URL(second.serverUrls('lab').amqp)
  const management = second.url('rabbitmq', 'management')
  asked = { own: { url: `amqp://${username}@${host}`, virtualHost: 'lab', management, password } }
})
afterAll(() => second.down())

const virtualHostOf = (lab: Lab) => decodeURIComponent(new URL(lab.serverUrls('lab').amqp).pathname.slice(1))

/** Names of all that a broker keeps. */
async function listing(): Promise<Record<string, string[]>> {
  const { management, password } = asked.own
  const headers = { authorization: `Basic ${Buffer.from(`lab:${password}`).toString('base64')}` }
  const of = async (what: string) => {
    const all = (await (await fetch(`${management}/api/${what}`, { headers })).json()) as { name?: string; user?: string; vhost?: string }[]
    return all.map(({ vhost = '', name = '', user = '' }) => [vhost, name, user].join(' ').trim()).sort()
  }
  const kinds = ['vhosts', 'users', 'permissions', 'queues', 'exchanges', 'bindings', 'policies', 'parameters']
  return Object.fromEntries(await Promise.all(kinds.map(async kind => [kind, await of(kind)] as const)))
}

test('each arm has a virtual host of its own, and nothing is left', async () => {
  const before = await listing()
  const added = async () => (await listing())['vhosts']?.filter(name => !before['vhosts']?.includes(name))
  {
    await using lab = await startLab(plannedBroker(asked), { spaces: 2, brokerPassword: asked.own.password })
    expect(lab.parts.map(({ name }) => name)).not.toContain('rabbitmq')
    expect(await added()).toEqual([virtualHostOf(lab)])
    const first = virtualHostOf(lab)
    const asker = await lab.client('ann')
    expect(await asker.ask('Hi', { answerWithinMs: 60_000 })).toMatchObject({ state: 'answered' })
    await lab.renew(plannedBroker(asked))
    expect(await added()).toEqual([virtualHostOf(lab)])
    expect(virtualHostOf(lab)).not.toBe(first)
    expect((await lab.versions()).broker).toMatch(/^RabbitMQ 3\./)
  }
  expect(await listing()).toEqual(before)
})

test('it is looked at first: product, version, flags, and what others have there', async () => {
  const seen = await lookAtBroker(asked.own, AbortSignal.timeout(10_000))
  expect(seen).toMatchObject({ product: 'RabbitMQ', version: expect.stringMatching(/^3\./), queues: 0 })
  expect(seen.featureFlags).toContain('quorum_queue')
})
