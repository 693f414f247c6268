import type { Sentence } from './sentence.ts'

/** What people believe of prefetch and of who gets what. */

const MESSAGES = 20
const SLOTS = 4

export const DISPATCH: readonly Sentence[] = [
  {
    id: 'fair-by-default',
    says: 'The broker dispatches fairly by default.',
    instead: 'Set a prefetch: without one the first who comes gets the whole backlog.',
    async believed(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await desk.ready(ch, queue)
      const first = await desk.consume(ch, queue)
      const second = await desk.consume(ch, queue)
      await desk.until(
        'all are handed out',
        () => first.length + second.length,
        sum => sum === 20,
      )
      return { holds: second.length > 0, seen: { first: first.length, second: second.length } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(1)
      const first = await desk.consume(ch, queue)
      const second = await desk.consume(ch, queue)
      await desk.until(
        'each has one',
        () => Math.min(first.length, second.length),
        least => least === 1,
      )
      return { holds: (await desk.ready(ch, queue)) === MESSAGES - 2, seen: { first: first.length, second: second.length } }
    },
  },
  {
    id: 'prefetch-is-threads',
    says: 'Prefetch is the number of threads.',
    instead: 'Prefetch is how many messages a consumer holds unsettled; how many it works on at once is its own matter.',
    async believed(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(10)
      const held = await desk.consume(ch, queue)
      await desk.has(held, 10)
      const working = held.slice(0, 1) // One thread: the others wait in its memory.
      return { holds: working.length === held.length, seen: { held: held.length, working: working.length } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(1)
      const held = await desk.consume(ch, queue)
      await desk.has(held, 1)
      const working = held.slice(0, 1)
      return { holds: working.length === held.length, seen: { held: held.length, working: working.length } }
    },
  },
  {
    id: 'prefetch-any-time',
    says: 'Prefetch may be set at any time.',
    instead: 'Set it before the consumer is created: it binds the consumers that come after it.',
    async believed(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(1)
      const held = await desk.consume(ch, queue)
      await ch.prefetch(10)
      await desk.until(
        'it has one',
        () => held.length,
        count => count >= 1,
      )
      await desk.ready(ch, queue)
      return { holds: held.length === 10, seen: { held: held.length, prefetch: 10 } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(10)
      const held = await desk.consume(ch, queue)
      await desk.has(held, 10)
      return { holds: (await desk.ready(ch, queue)) === 10, seen: { held: held.length, prefetch: 10 } }
    },
  },
  {
    id: 'prefetch-1-orders',
    says: 'Prefetch 1 gives order.',
    instead: 'Only one consumer at a time gives order: x-single-active-consumer, or one queue for each conversation.',
    async believed(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      await ch.prefetch(1)
      const [slow, fast] = [await desk.consume(ch, queue), await desk.consume(ch, queue)]
      desk.fill(ch, queue, 2)
      await desk.until(
        'each has one',
        () => slow.length + fast.length,
        sum => sum === 2,
      )
      // The fast one is done first.
      const done = [...fast, ...slow].map(message => message.content.toString())
      return { holds: done.join() === '1,2', seen: { done: done.join(', ') } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch, { arguments: { 'x-single-active-consumer': true } })
      await ch.prefetch(1)
      const [slow, fast] = [await desk.consume(ch, queue), await desk.consume(ch, queue)]
      desk.fill(ch, queue, 2)
      await desk.until(
        'one has one',
        () => slow.length + fast.length,
        sum => sum === 1,
      )
      ch.ack([...fast, ...slow][0]!)
      await desk.until(
        'it has the next',
        () => slow.length + fast.length,
        sum => sum === 2,
      )
      const done = [...fast, ...slow].map(message => message.content.toString())
      return { holds: done.join() === '1,2', seen: { done: done.join(', ') } }
    },
  },
  {
    id: 'prefetch-1-is-best',
    says: 'Prefetch 1 is always best.',
    instead: 'Prefetch = slots of the GPU: with fewer it idles, with more it hoards.',
    async believed(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(1)
      const running = await desk.consume(ch, queue)
      await desk.until(
        'it has one',
        () => running.length,
        count => count >= 1,
      )
      await desk.ready(ch, queue)
      return { holds: running.length === 4, seen: { running: running.length, slots: 4 } }
    },
    async right(desk) {
      const ch = await desk.channel()
      const queue = await desk.queue(ch)
      desk.fill(ch, queue, 20)
      await ch.prefetch(4)
      const running = await desk.consume(ch, queue)
      await desk.has(running, SLOTS)
      return { holds: (await desk.ready(ch, queue)) === MESSAGES - SLOTS, seen: { running: running.length, slots: 4 } }
    },
  },
]
