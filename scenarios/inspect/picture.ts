import type { ChannelSeen, ConsumerSeen, QueueSeen, Snapshot } from './snapshot.ts'

/** Who holds what, and how long those wait whom no dashboard counts as waiting. Pure. */

export interface ConsumerView extends ConsumerSeen {
  /** As its program calls itself, else its tag. */
  who: string
  product: string | undefined
  /** Of its channel there are other consumers too: then held and acks are not known. */
  alone: boolean
  /** Delivered to it and not yet acked. */
  held: number | undefined
  acksPerSecond: number | undefined
  /** Until it begins the last of those that it holds, if it works on one at a time: Little's law
   *  from held and ack rate. Undefined: it acks nothing, or is not known. */
  hiddenWaitMs: number | undefined
  /** Where few acks were seen: the 95 % interval of it. */
  hiddenWaitWithinMs: [low: number, high: number] | undefined
  silentMs: number | undefined
  sharedPrefetch: number | undefined
}

export interface QueueView {
  queue: QueueSeen
  consumers: ConsumerView[]
  /** Held by consumers beyond the one that each works on. */
  hidden: number
  longestHiddenMs: number
}

export function pictureOf(snapshot: Snapshot): QueueView[] {
  const channels = new Map(snapshot.channels.map(channel => [channel.name, channel]))
  const connections = new Map(snapshot.connections.map(connection => [connection.name, connection]))
  const byQueue = Map.groupBy(snapshot.consumers, consumer => keyOf(consumer.vhost, consumer.queue))
  const views = snapshot.queues.map(queue => {
    const own = byQueue.get(keyOf(queue.vhost, queue.name)) ?? []
    const consumers = own.map(consumer => {
      const channel = channels.get(consumer.channel)
      const connection = connections.get(channel?.connection ?? '')
      return { ...consumer, ...holding(queue, own.length, channel), who: connection?.client ?? consumer.tag, product: connection?.product }
    })
    return {
      queue,
      consumers: consumers.toSorted((a, b) => (b.hiddenWaitMs ?? 0) - (a.hiddenWaitMs ?? 0) || (b.held ?? 0) - (a.held ?? 0)),
      hidden: consumers.reduce((sum, { held = 0 }) => sum + Math.max(0, held - 1), 0),
      longestHiddenMs: Math.max(0, ...consumers.map(({ hiddenWaitMs = 0 }) => hiddenWaitMs)),
    }
  })
  return views.toSorted((a, b) => b.longestHiddenMs - a.longestHiddenMs || total(b.queue) - total(a.queue))
}

const total = ({ ready = 0, unacked = 0 }: QueueSeen) => ready + unacked
const keyOf = (vhost: string, queue: string) => JSON.stringify([vhost, queue])

function holding(queue: QueueSeen, consumers: number, channel: ChannelSeen | undefined) {
  const alone = channel === undefined ? consumers === 1 : channel.consumers === 1
  // Without its channel, a queue's only consumer holds what the queue counts.
  const own = alone ? (channel ?? (consumers === 1 ? queue : undefined)) : undefined
  const [held, acksPerSecond] = [own?.unacked, own?.perSecond.ack]
  const waitMs = hiddenWaitMs(held, acksPerSecond)
  return {
    alone,
    held,
    acksPerSecond,
    hiddenWaitMs: waitMs,
    hiddenWaitWithinMs: withinMs(waitMs, own?.perSecond.ackEvents),
    silentMs: alone ? channel?.silentMs : undefined,
    sharedPrefetch: channel?.sharedPrefetch,
  }
}

export function hiddenWaitMs(held: number | undefined, acksPerSecond: number | undefined): number | undefined {
  if (held === undefined || acksPerSecond === undefined) return undefined
  if (held <= 1) return 0
  return acksPerSecond > 0 ? (1_000 * (held - 1)) / acksPerSecond : undefined
}

/** From this many acks on the figure stands for itself: 95 % of them are within 36 % then. */
const EVENTS_ENOUGH = 40

/** Of a rate from few events: they come at random, so its logarithm is off by about 1/sqrt(n). */
function withinMs(waitMs: number | undefined, events: number | undefined): [low: number, high: number] | undefined {
  if (waitMs === undefined || waitMs === 0 || events === undefined || events === 0 || events >= EVENTS_ENOUGH) return undefined
  const factor = Math.exp(1.96 / Math.sqrt(events))
  return [waitMs / factor, waitMs * factor]
}
