import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import type { Delivery, FanoutEvent } from '#contracts/events'
import { resolveSettings } from '#contracts/settings'
import type { Broker, ConsumeOptions, PublishOutcome } from './broker/types.ts'
import { createFanOut } from './fan-out.ts'
import type { ReadyRun } from './ready-batch.ts'
import { frameTexts } from './text-frames.ts'

const deliveries: Delivery[] = ['ann', 'bob'].map(user => ({ to: [user], frame: { type: 'head', heads: {} } }))

/** One node on a broker that answers every publish alike. */
async function node(fanoutBatching: boolean, outcome: PublishOutcome, from = 'im-a') {
  const [bodies, here, written]: [Buffer[], Delivery[][], ReadyRun[]] = [[], [], []]
  let consumer: ConsumeOptions | undefined
  const broker: Pick<Broker, 'publish' | 'consume'> = {
    publish: async ({ body }) => {
      bodies.push(body)
      return outcome
    },
    consume: async options => {
      consumer = options
      return { active: true, cancel: async () => undefined, resume: async () => undefined }
    },
  }
  const settings = resolveSettings({ fanoutBatching })
  const fanOut = createFanOut({ from, settings, broker, registry: new Registry(), log: { warn: () => undefined } as never })
  await fanOut.subscribe({ deliveries: some => void here.push([...some]), ready: runs => void written.push(...runs) })
  const comesBody = (body: Buffer) => consumer?.onDelivery({ body } as never)
  const comes = (event: unknown) => comesBody(Buffer.from(JSON.stringify(event)))
  const published = () => bodies.map(body => JSON.parse(body.toString()) as FanoutEvent)
  return { bodies, published, here, written, fanOut, comes, comesBody }
}

describe('plain', () => {
  test('one broker message each; own sockets are served when it comes back', async () => {
    const { published, here, fanOut } = await node(false, 'confirmed')
    expect(await fanOut.publish(deliveries)).toBe('confirmed')
    expect([published().length, here.length]).toEqual([2, 0])
  })
})

describe('batched', () => {
  test('one broker message for all; own sockets are served after its confirm', async () => {
    const { published, here, fanOut } = await node(true, 'confirmed')
    expect(await fanOut.publish(deliveries)).toBe('confirmed')
    expect([published().map(event => event.deliveries), here]).toEqual([[deliveries], [deliveries]])
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

const message = (sender: string, to: string, seq: number): Delivery => ({
  to: [sender, to],
  frame: { type: 'message', conversation: CONVERSATION, seq, sender, to, body: 'hi', clientMessageId: CONVERSATION, sentAt: '' },
})
const CONVERSATION = '6f1c1c5e-64ab-5d1c-9d58-0f5b2a7c1e11'
const textsOf = (runs: readonly ReadyRun[]) => runs.flatMap(({ frames }) => [...frameTexts(frames)])

describe('ready-made frames', () => {
  const some = [message('ann', 'bob', 1), message('ann', 'bob', 2), message('bob', 'ann', 3)]
  const texts = some.map(({ frame }) => JSON.stringify(frame))

  test.each([[true], [false]])('a node with batching %s understands them; its own batch it drops', async fanoutBatching => {
    const [sender, receiver] = [await node(true, 'confirmed'), await node(fanoutBatching, 'confirmed', 'im-b')]
    expect(await sender.fanOut.publish(some)).toBe('confirmed')
    expect([sender.bodies.length, sender.here, textsOf(sender.written)]).toEqual([1, [], texts])
    sender.comesBody(sender.bodies[0]!)
    expect(sender.written).toHaveLength(2)
    receiver.comesBody(sender.bodies[0]!)
    expect(textsOf(receiver.written)).toEqual(texts)
    expect(receiver.written.map(({ to, head }) => [to, head?.seq])).toEqual([
      [['ann', 'bob'], 2],
      [['bob', 'ann'], 3],
    ])
  })

  test('a plain node sends what a batching one understands', async () => {
    const [sender, receiver] = [await node(false, 'confirmed'), await node(true, 'confirmed', 'im-b')]
    await sender.fanOut.publish(some)
    for (const body of sender.bodies) receiver.comesBody(body)
    expect(receiver.here.flat()).toEqual(some)
  })

  test('what a node looks at never travels so: prompts, answers, refusals', async () => {
    const { bodies, here, written, fanOut } = await node(true, 'confirmed')
    const answer = message('URobot', 'ann', 2)
    Object.assign(answer.frame, { task: CONVERSATION, answered: true })
    const looked = [message('ann', 'URobot', 1), answer, ...deliveries]
    await fanOut.publish([...looked, ...some])
    expect([bodies.length, here, textsOf(written)]).toEqual([2, [looked], texts])
  })

  test('without a confirm no socket gets them', async () => {
    const { written, fanOut } = await node(true, 'unknown')
    expect([await fanOut.publish(some), written]).toEqual(['unknown', []])
  })

  test('another version, or a broken one, reaches no socket', async () => {
    const { bodies, written, fanOut, comesBody } = await node(true, 'confirmed', 'im-b')
    await fanOut.publish(some)
    const [body] = bodies as [Buffer]
    written.length = 0
    const renamed = Buffer.from(body)
    renamed.write('x', 3)
    comesBody(renamed)
    expect(written).toHaveLength(2)
    for (const broken of [renamed.subarray(0, -1), Buffer.concat([Buffer.of(2), renamed.subarray(1)])]) comesBody(broken)
    expect(written).toHaveLength(2)
  })
})
