/** Socket.IO 4 as its documentation has it: two servers, a room per user, an adapter between them.
 *  https://socket.io/docs/v4/redis-adapter and https://socket.io/docs/v4/performance-tuning */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type PeerMessage, peerPackages, type RedisClient, redisClient, type SocketIoServer } from './packages.ts'
import { answerCalls, peerArguments, tell } from './process.ts'

const { name, modules, redis, variant } = peerArguments()
const packages = peerPackages(modules)
const publisher = await redisClient(modules, redis)

async function adapterOf(): Promise<unknown> {
  if (variant === 'streams') return packages.streamsAdapter().createAdapter(publisher)
  if (variant === 'batched') return undefined
  const subscriber = publisher.duplicate()
  await subscriber.connect()
  return variant === 'sharded'
    ? packages.redisAdapter().createShardedAdapter(publisher, subscriber)
    : packages.redisAdapter().createAdapter(publisher, subscriber)
}

type Stamped = PeerMessage & { sender: string }

/** Ours put into Socket.IO: what one turn of the event loop brought is one message to Redis. */
async function batched(io: SocketIoServer, client: RedisClient): Promise<(message: Stamped) => void> {
  const deliver = (message: Stamped) => io.local.to(message.to).emit('message', message)
  const subscriber = client.duplicate()
  await subscriber.connect()
  await subscriber.subscribe('turns', text => {
    if (text[0] !== name) for (const message of JSON.parse(text.slice(1)) as Stamped[]) deliver(message)
  })
  let turn: Stamped[] = []
  return message => {
    deliver(message)
    turn.push(message)
    if (turn.length > 1) return
    setImmediate(() => {
      void client.publish('turns', name + JSON.stringify(turn))
      turn = []
    })
  }
}

const http = createServer()
const adapter = await adapterOf()
const io = new (packages.socketIo().Server)(http, {
  transports: ['websocket'],
  perMessageDeflate: false,
  serveClient: false,
  ...(adapter === undefined ? {} : { adapter }),
})
const send = variant === 'batched' ? await batched(io, publisher) : (message: Stamped) => io.to(message.to).emit('message', message)

io.on('connection', socket => {
  const sender = String(socket.handshake.auth['user'])
  void socket.join(sender)
  socket.on('send', ({ id, to, body }) => send({ id, to, body, sender }))
})

http.listen(0, '127.0.0.1', () => tell({ port: (http.address() as AddressInfo).port }))
answerCalls(() => null)
