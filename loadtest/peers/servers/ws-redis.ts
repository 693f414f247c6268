/** `ws` and Redis pub/sub, with batches as ours: one Redis message per turn of the event loop. */
import { messageFrame, SmallNode } from './chat.ts'
import { redisClient } from './packages.ts'
import { answerCalls, peerArguments } from './process.ts'

const { name, modules, redis } = peerArguments()
const publisher = await redisClient(modules, redis)
const subscriber = publisher.duplicate()
await subscriber.connect()

let turn: [to: string, frame: string][] = []

function flush(): void {
  void publisher.publish('chat', name + JSON.stringify(turn))
  turn = []
}

const node = new SmallNode((sender, frame) => {
  const text = messageFrame(sender, frame)
  if (node.deliver(frame.to, text)) return
  turn.push([frame.to, text])
  if (turn.length === 1) setImmediate(flush)
})

await subscriber.subscribe('chat', text => {
  // A node's own batch comes back: its first letter tells.
  if (text[0] === name) return
  for (const [to, frame] of JSON.parse(text.slice(1)) as typeof turn) node.deliver(to, frame)
})
answerCalls(() => null)
