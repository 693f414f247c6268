import { asDocumented } from '#checks/sentences'
import { type Desk, scenario } from '#experiment'
import type { BrokerGeneration } from '#lab'

/** A returned message comes back at its place or behind all others: who is served next? */

type Back = 'nack' | 'crash'
interface Kind {
  id: string
  type: 'classic' | 'quorum'
  /** Of a quorum queue. */
  limit?: number
  back: Back
  /** Generations on which it comes back before those that came after it. */
  keepsPlaceOn: readonly BrokerGeneration[]
}

const EVERY: readonly BrokerGeneration[] = ['3.10', '4.0', '4.3']
const KINDS: readonly Kind[] = [
  { id: 'classic, nack', type: 'classic', back: 'nack', keepsPlaceOn: EVERY },
  { id: 'classic, crash', type: 'classic', back: 'crash', keepsPlaceOn: EVERY },
  { id: 'quorum, no limit, nack', type: 'quorum', back: 'nack', keepsPlaceOn: ['4.3'] },
  { id: 'quorum, no limit, crash', type: 'quorum', back: 'crash', keepsPlaceOn: EVERY },
  { id: 'quorum, limit 20, nack', type: 'quorum', limit: 20, back: 'nack', keepsPlaceOn: EVERY },
  { id: 'quorum, limit 20, crash', type: 'quorum', limit: 20, back: 'crash', keepsPlaceOn: EVERY },
]

/** No limit is -1 from 4.0 on, where the default is 20. 3.10 would drop everything at -1. */
function argumentsOf({ type, limit }: Kind, generation: BrokerGeneration): Record<string, unknown> {
  const none = generation === '3.10' ? {} : { 'x-delivery-limit': -1 }
  return { 'x-queue-type': type, ...(type === 'classic' ? {} : limit === undefined ? none : { 'x-delivery-limit': limit }) }
}

/** Takes the first of five messages, returns it, and looks in which order all come. */
async function orderAfter(desk: Desk, back: Back, args: Record<string, unknown>): Promise<string[]> {
  const ch = await desk.channel()
  const queue = await desk.queue(ch, { arguments: args })
  desk.fill(ch, queue, 5)
  await desk.ready(ch, queue)
  const worker = await desk.channel()
  await worker.prefetch(1)
  const taken = await desk.consume(worker, queue)
  await desk.has(taken, 1)
  if (back === 'nack') {
    await worker.cancel(taken[0]!.fields.consumerTag ?? '') // Or it would get it again at once.
    worker.nack(taken[0]!)
  } else await worker.close()
  await desk.abandoned(ch, queue)
  await desk.until(
    'it is back',
    () => desk.ready(ch, queue),
    count => count === 5,
  )
  const all = await desk.consume(ch, queue)
  await desk.has(all, 5)
  return all.map(message => message.content.toString())
}

export default scenario<{ believed: boolean }>('requeue-position', {
  claim:
    'A message that is given back keeps its place in a classic queue and in a quorum queue with a delivery limit; a quorum queue without one puts it behind all others after a nack, up to RabbitMQ 4.2.',
  sizes: { quick: { believed: false }, full: { believed: false } },
  plan: { imNodes: [], gpus: [], workers: [] },
  controls: [
    {
      name: 'believed: it goes behind all others',
      with: { believed: true },
      breaks: 'as-documented',
      because: 'a classic queue puts it back at its place, and so does a quorum queue with a delivery limit',
    },
  ],
  async run({ plain }, { believed }) {
    const generation = await plain.generation()
    for (const kind of KINDS) {
      await using desk = plain.desk(kind.id.replaceAll(/\W+/g, '-'))
      const order = await orderAfter(desk, kind.back, argumentsOf(kind, generation))
      const expected = !believed && kind.keepsPlaceOn.includes(generation)
      plain.record({
        kind: 'tried',
        sentence: kind.id,
        way: 'believed',
        holds: order[0] === '1',
        expected,
        seen: { order: order.join(' ') },
      })
    }
    plain.over()
  },
  checks: [asDocumented],
})
