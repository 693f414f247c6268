import type { Sentence } from './sentence.ts'

/** What people believe of acknowledging and giving back. */

export const SETTLING: readonly Sentence[] = [
  {
    id: 'auto-ack-is-speed',
    says: 'Automatic acknowledgement is an option for speed.',
    instead: 'Acknowledge when the work is done: what a worker held comes back when it dies.',
    async believed(desk) {
      const [ch, worker] = [await desk.channel(), await desk.channel()]
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await desk.ready(ch, queue)
      const got = await desk.consume(worker, queue, { noAck: true })
      await desk.has(got, 20)
      await worker.close() // It dies after the first one.
      await desk.abandoned(ch, queue)
      const back = await desk.ready(ch, queue)
      return { holds: back === 19, seen: { held: 20, done: 1, back } }
    },
    async right(desk) {
      const [ch, worker] = [await desk.channel(), await desk.channel()]
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await desk.ready(ch, queue)
      const got = await desk.consume(worker, queue)
      await desk.has(got, 20)
      worker.ack(got[0]!)
      await worker.close()
      await desk.abandoned(ch, queue)
      const back = await desk.ready(ch, queue)
      return { holds: back === 19, seen: { held: 20, done: 1, back } }
    },
  },
  {
    id: 'nack-is-retry',
    says: 'nack with requeue is a retry policy.',
    instead: 'Count attempts and end: into a dead-letter queue, after a pause. nack comes back at once, for ever.',
    async believed(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      let times = 0
      const fromMs = performance.now()
      await ch.consume(queue, message => {
        times += 1
        if (message !== null && times < 100) ch.nack(message)
      })
      desk.fill(ch, queue, 1)
      await desk.until(
        'it has come a hundred times',
        () => times,
        count => count === 100,
      )
      return { holds: times < 100, seen: { times, perSecond: Math.round((1_000 * times) / (performance.now() - fromMs)) } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const dead = await desk.queue(ch)
      const queue = await desk.queue(ch, { deadLetterExchange: '', deadLetterRoutingKey: dead })
      let times = 0
      await ch.consume(queue, message => {
        if (message === null) return
        times += 1
        const attempt = Number(message.properties.headers?.['attempt'] ?? 1)
        if (attempt === 3) return ch.reject(message, false)
        ch.sendToQueue(queue, message.content, { headers: { attempt: attempt + 1 } })
        ch.ack(message)
      })
      desk.fill(ch, queue, 1)
      await desk.until(
        'it is dead',
        () => desk.ready(ch, dead),
        count => count === 1,
      )
      return { holds: times === 3, seen: { times } }
    },
  },
  {
    id: 'limit-stops-nack',
    says: 'A delivery limit protects from nack loops.',
    instead: 'Use reject: it counts on every version. RabbitMQ 4.3 does not count a nack.',
    heldBy: ['3.10', '4.0'],
    async believed(desk) {
      const ch = await desk.channel()
      const dead = await desk.queue(ch)
      const limited = { 'x-queue-type': 'quorum', 'x-delivery-limit': 3, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead }
      const queue = await desk.queue(ch, { arguments: limited })
      let times = 0
      await ch.consume(queue, message => {
        times += 1
        if (message !== null && times < 50) ch.nack(message)
      })
      desk.fill(ch, queue, 1)
      await desk.until(
        'it is dead or goes on',
        async () => (await desk.ready(ch, dead)) === 1 || times === 50,
        ended => ended,
      )
      return { holds: times <= 4, seen: { times, limit: 3 } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const dead = await desk.queue(ch)
      const limited = { 'x-queue-type': 'quorum', 'x-delivery-limit': 3, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead }
      const queue = await desk.queue(ch, { arguments: limited })
      let times = 0
      await ch.consume(queue, message => {
        times += 1
        if (message !== null && times < 50) ch.reject(message)
      })
      desk.fill(ch, queue, 1)
      await desk.until(
        'it is dead or goes on',
        async () => (await desk.ready(ch, dead)) === 1 || times === 50,
        ended => ended,
      )
      return { holds: times <= 4, seen: { times, limit: 3 } }
    },
  },
  {
    id: 'ack-on-any-channel',
    says: 'An acknowledgement works on any channel.',
    instead: 'On the channel that delivered it. Elsewhere its number is unknown: 406, and that channel is closed.',
    async believed(desk) {
      const [ch, other] = [await desk.channel(), await desk.channel()]
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 1)
      const got = await desk.consume(ch, queue)
      await desk.has(got, 1)
      let closed = ''
      other.on('error', (error: Error) => {
        closed = error.message
      })
      other.ack(got[0]!)
      const answered = await other.checkQueue(queue).then(
        () => 'open',
        () => 'closed',
      )
      return { holds: answered === 'open', seen: { channel: answered, because: /40\d/.exec(closed)?.[0] ?? '' } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 1)
      const got = await desk.consume(ch, queue)
      await desk.has(got, 1)
      ch.ack(got[0]!)
      const answered = await ch.checkQueue(queue).then(
        () => 'open',
        () => 'closed',
      )
      return { holds: answered === 'open', seen: { channel: answered, because: '' } }
    },
  },
  {
    id: 'redelivered-tells',
    says: 'redelivered = false means that nobody has seen it before.',
    instead: 'Remember ids. A retry through a dead-letter exchange, or of a sender that heard no confirm, comes with redelivered = false.',
    async believed(desk) {
      const ch = await desk.channel()
      const later = desk.name('later')
      const queue = await desk.queue(ch, { deadLetterExchange: '', deadLetterRoutingKey: later })
      await ch.assertQueue(later, { messageTtl: 1, deadLetterExchange: '', deadLetterRoutingKey: queue })
      const got = await desk.consume(ch, queue)
      desk.fill(ch, queue, 1)
      await desk.has(got, 1)
      ch.reject(got[0]!, false)
      await desk.has(got, 2)
      return { holds: got[1]!.fields.redelivered, seen: { redelivered: String(got[1]!.fields.redelivered), times: got.length } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      const seen = new Set<string>()
      const known: boolean[] = []
      await ch.consume(queue, message => {
        const id = String(message?.properties.messageId)
        known.push(seen.has(id))
        seen.add(id)
      })
      for (let copies = 0; copies < 2; copies += 1) ch.sendToQueue(queue, Buffer.from('x'), { messageId: 'task-1' })
      await desk.has(known, 2)
      return { holds: known.join() === 'false,true', seen: { redelivered: 'false', times: known.length } }
    },
  },
]
