import type { Sentence } from './sentence.ts'

/** What people believe of durability, confirms, broadcast, keys and a model server's options. */

export const PROMISES: readonly Sentence[] = [
  {
    id: 'hash-is-one-or-more',
    says: '# stands for one or more words.',
    instead: '# is zero or more. One or more is *.#',
    async believed(desk) {
      const ch = await desk.channel()
      const [exchange, queue] = [await desk.exchange(ch, 'topic'), await desk.queue(ch)]
      await ch.bindQueue(queue, exchange, 'audit.#')
      ch.publish(exchange, 'audit', Buffer.from('no further word'))
      const got = await desk.ready(ch, queue)
      return { holds: got === 0, seen: { got, key: 'audit', binding: 'audit.#' } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const [exchange, queue] = [await desk.exchange(ch, 'topic'), await desk.queue(ch)]
      await ch.bindQueue(queue, exchange, 'audit.*.#')
      for (const key of ['audit', 'audit.a', 'audit.a.b']) ch.publish(exchange, key, Buffer.from(key))
      const got = await desk.ready(ch, queue)
      return { holds: got === 2, seen: { got, key: 'audit.a, audit.a.b', binding: 'audit.*.#' } }
    },
  },
  {
    id: 'durable-queue-is-enough',
    restartsBroker: true,
    says: 'In a durable queue messages are durable.',
    instead: 'Both must be: publish with persistent: true.',
    async believed(desk) {
      const before = await desk.channel()
      const queue = await desk.queue(before, { arguments: { 'x-queue-type': 'classic' } })
      desk.fill(before, queue, 20, { persistent: false })
      await desk.ready(before, queue)
      await desk.restartBroker()
      const left = await desk.ready(await desk.channel(), queue)
      return { holds: left === 20, seen: { sent: 20, left } }
    },
    async right(desk) {
      const before = await desk.channel()
      const queue = await desk.queue(before, { arguments: { 'x-queue-type': 'classic' } })
      desk.fill(before, queue, 20, { persistent: true })
      await desk.ready(before, queue)
      await desk.restartBroker()
      const left = await desk.ready(await desk.channel(), queue)
      return { holds: left === 20, seen: { sent: 20, left } }
    },
  },
  {
    id: 'confirm-is-routed',
    says: 'A confirm means that the message lies in a queue.',
    instead: 'Publish with mandatory: true, and take a return for an error: it comes before the confirm.',
    async believed(desk) {
      const ch = await desk.channel()
      const exchange = await desk.exchange(ch, 'direct')
      const answer = await new Promise<string>(resolve =>
        ch.publish(exchange, 'nobody-bound-this', Buffer.from('x'), {}, error => resolve(error === null ? 'confirmed' : 'refused')),
      )
      return { holds: answer === 'refused', seen: { answer, queues: 0 } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const exchange = await desk.exchange(ch, 'direct')
      let returned = false
      ch.on('return', () => {
        returned = true
      })
      await new Promise<void>(resolve => ch.publish(exchange, 'nobody-bound-this', Buffer.from('x'), { mandatory: true }, () => resolve()))
      return { holds: returned, seen: { answer: returned ? 'returned, then confirmed' : 'confirmed', queues: 0 } }
    },
  },
  {
    id: 'fanout-is-reliable',
    says: 'A fanout exchange is a reliable broadcast.',
    instead: 'A queue that outlives its connection: durable, with x-expires. And a sequence, to see what is missing.',
    async believed(desk) {
      const [ch, first] = [await desk.channel(), await desk.channel()]
      const exchange = await desk.exchange(ch, 'fanout')
      const queue = await desk.queue(first, { autoDelete: true })
      await first.bindQueue(queue, exchange, '')
      await desk.consume(first, queue, { noAck: true })
      await first.close() // The subscriber loses its connection, and comes back.
      await desk.until(
        'its queue is gone',
        () => desk.exists(queue),
        there => !there,
      )
      ch.publish(exchange, '', Buffer.from('news'))
      await ch.checkExchange(exchange)
      const again = await desk.channel()
      await again.assertQueue(queue, { autoDelete: true })
      await again.bindQueue(queue, exchange, '')
      const got = await desk.ready(again, queue)
      return { holds: got === 1, seen: { sent: 1, got } }
    },
    async right(desk) {
      const [ch, first] = [await desk.channel(), await desk.channel()]
      const exchange = await desk.exchange(ch, 'fanout')
      const queue = await desk.queue(first, { expires: 60_000 })
      await first.bindQueue(queue, exchange, '')
      await desk.consume(first, queue, { noAck: true })
      await first.close()
      ch.publish(exchange, '', Buffer.from('news'))
      await ch.checkExchange(exchange)
      const got = await desk.ready(await desk.channel(), queue)
      return { holds: got === 1, seen: { sent: 1, got } }
    },
  },
  {
    id: 'options-at-the-top',
    says: 'max_tokens and temperature at the top level of an Ollama request work.',
    instead: 'They stand below options, and the cap is called num_predict.',
    async believed(desk) {
      const messages = [{ role: 'user', content: 'Tell me a long story.' }]
      const tokens = await desk.ask({ model: 'deepseek-r1:7b', stream: false, messages, max_tokens: 5, temperature: 0.7 })
      return { holds: tokens <= 5, seen: { tokens, cap: 5 } }
    },
    async right(desk) {
      const messages = [{ role: 'user', content: 'Tell me a long story.' }]
      const tokens = await desk.ask({ model: 'deepseek-r1:7b', stream: false, messages, options: { num_predict: 5, temperature: 0.7 } })
      return { holds: tokens === 5, seen: { tokens, cap: 5 } }
    },
  },
]
