import { describe, expect, test } from 'vitest'
import { ChatClient } from './client.ts'
import { FakeNode } from './fake/node.ts'
import { FakeStore } from './fake/store.ts'
import { until } from './fake/until.ts'
import type { ChatOptions } from './types.ts'

const quick = {
  backoffBaseMs: 5,
  backoffCapMs: 20,
  stableMs: 50,
  gapMs: 20,
  gapAgainMs: 60,
  sendTimeoutMs: 100,
  sendDeadlineMs: 2_000,
  connectWithinMs: 2_000,
}

async function device(user: string, nodes: FakeNode[], options: Partial<ChatOptions> = {}) {
  const shown: string[] = []
  const client = await ChatClient.connect({
    nodes: nodes.map(node => node.url),
    user,
    secret: 'the secret of the lab',
    ...options,
    tuning: { ...quick, ...options.tuning },
    on: { message: message => shown.push(message.body), ...options.on },
  })
  return { client, shown, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}

describe('two nodes, one store', () => {
  test('a message crosses and is stored', async () => {
    const store = new FakeStore()
    const nodes: FakeNode[] = []
    await using a = await FakeNode.start('im-a', store, nodes)
    await using b = await FakeNode.start('im-b', store, nodes)
    await using ann = await device('ann', [a])
    await using bob = await device('bob', [b])
    expect(await ann.client.send('bob', 'hello')).toMatchObject({ state: 'stored', seq: 1, attempts: 1 })
    await until('bob sees it', () => bob.shown.length === 1)
    expect(ann.shown).toEqual(['hello'])
  })
})
