import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import type { Delivery, FanoutEvent } from '#contracts/events'
import { resolveSettings } from '#contracts/settings'
import type { Broker, ConsumeOptions, PublishOutcome } from './broker/types.ts'
import { createFanOut } from './fan-out.ts'

const deliveries: Delivery[] = ['ann', 'bob'].map(user => ({ to: [user], frame: { type: 'head', heads: {} } }))

/** One node on a broker that answers every publish alike. */
async function node(fanoutBatching: boolean, outcome: PublishOutcome) {
  const [published, here]: [FanoutEvent[], Delivery[][]] = [[], []]
  let consumer: ConsumeOptions | undefined
  const broker: Pick<Broker, 'publish' | 'consume'> = {
    publish: async ({ body }) => {
      published.push(JSON.parse(body.toString()) as FanoutEvent)
      return outcome
    },
    consume: async options => {
      consumer = options
      return { active: true, cancel: async () => undefined, resume: async () => undefined }
    },
  }
  const settings = resolveSettings({ fanoutBatching })
  const fanOut = createFanOut({ from: 'im-a', settings, broker, registry: new Registry(), log: { warn: () => undefined } as never })
  await fanOut.subscribe(some => void here.push([...some]))
  const comes = (event: unknown) => consumer?.onDelivery({ body: Buffer.from(JSON.stringify(event)) } as never)
  return { published, here, fanOut, comes }
}

describe('plain', () => {
  test('one broker message each; own sockets are served when it comes back', async () => {
    const { published, here, fanOut } = await node(false, 'confirmed')
    expect(await fanOut.publish(deliveries)).toBe('confirmed')
    expect([published.length, here.length]).toEqual([2, 0])
  })
})

describe('batched', () => {
  test('one broker message for all; own sockets are served after its confirm', async () => {
    const { published, here, fanOut } = await node(true, 'confirmed')
    expect(await fanOut.publish(deliveries)).toBe('confirmed')
    expect([published.map(event => event.deliveries), here]).toEqual([[deliveries], [deliveries]])
  })
})

test.each([[true], [false]])('batching %s: without a confirm no socket is served, and the sender hears it', async batching => {
  const { here, fanOut } = await node(batching, 'unknown')
  expect([await fanOut.publish(deliveries), here]).toEqual(['unknown', []])
})

test("a node drops its own batch when it comes back, never another node's; other messages are counted", async () => {
  for (const [batching, own] of [
    [true, 0],
    [false, 1],
  ] as const) {
    const { here, comes } = await node(batching, 'confirmed')
    comes({ v: 1, from: 'im-a', deliveries })
    expect(here).toHaveLength(own)
    comes({ v: 1, from: 'im-b', deliveries })
    expect(here).toHaveLength(own + 1)
    comes('rubbish')
    expect(here).toHaveLength(own + 1)
  }
})
