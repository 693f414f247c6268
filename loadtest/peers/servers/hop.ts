/** A small node on RabbitMQ, transient, with batches as ours: every batch to every node (`fanout`),
 *  or each message to its recipient's node alone (`routed`). A user's number tells the node. */
import { connect } from 'amqplib'
import { messageFrame, SmallNode } from './chat.ts'
import { answerCalls, nodeNames, peerArguments } from './process.ts'

const { name, amqp, variant, nodes } = peerArguments()
const names = nodeNames(nodes)
/** Systems of several sizes share a broker. */
const exchange = `hop.${variant}.${nodes}`
const TYPES = { fanout: 'fanout', routed: 'direct' } as const
const routed = variant === 'routed'

// Without it small frames wait 40 ms for an acknowledgement.
const connection = await connect(amqp, { noDelay: true })
const channel = await connection.createChannel()
await channel.assertExchange(exchange, TYPES[routed ? 'routed' : 'fanout'], { durable: false })

/** By routing key: one batch of a turn of the event loop. */
const turn = new Map<string, [to: string, frame: string][]>()

function flush(): void {
  for (const [key, batch] of turn) channel.publish(exchange, key, Buffer.from(name + JSON.stringify(batch)))
  turn.clear()
}

/** `peer-7` is on node 7 of those that there are. */
const nodeOf = (user: string) => names[Number(user.slice(user.indexOf('-') + 1)) % nodes]!

const node = new SmallNode((sender, frame) => {
  const text = messageFrame(sender, frame)
  if (node.deliver(frame.to, text)) return
  const key = routed ? nodeOf(frame.to) : ''
  const batch = turn.get(key)
  if (batch !== undefined) batch.push([frame.to, text])
  else {
    if (turn.size === 0) setImmediate(flush)
    turn.set(key, [[frame.to, text]])
  }
})

const { queue } = await channel.assertQueue('', { exclusive: true })
await channel.bindQueue(queue, exchange, routed ? name : '')
await channel.consume(
  queue,
  message => {
    const text = message?.content.toString() ?? name
    // A node's own batch comes back: its first letter tells.
    if (text.startsWith(name)) return
    for (const [to, frame] of JSON.parse(text.slice(1)) as [string, string][]) node.deliver(to, frame)
  },
  { noAck: true },
)
answerCalls(() => null)
