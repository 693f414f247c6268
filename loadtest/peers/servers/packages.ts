import type { Server as HttpServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The peers' packages lie in the lab's cache, outside the product. Here are the few types of them
 *  that are used: https://github.com/redis/node-redis, https://socket.io/docs/v4,
 *  https://docs.bullmq.io. */

export interface RedisClient {
  connect(): Promise<unknown>
  duplicate(): RedisClient
  on(event: 'error', listener: (error: Error) => void): this
  publish(channel: string, text: string): Promise<number>
  subscribe(channel: string, listener: (text: string) => void): Promise<void>
}

export interface SocketIoSocket {
  handshake: { auth: Record<string, unknown> }
  join(room: string): unknown
  on(event: 'send', listener: (message: PeerMessage) => void): unknown
}

/** What a user of Socket.IO sends. */
export interface PeerMessage {
  id: string
  to: string
  body: string
}

interface Emitter {
  emit(event: 'message', message: PeerMessage & { sender: string }): unknown
}

export interface SocketIoServer {
  on(event: 'connection', listener: (socket: SocketIoSocket) => void): unknown
  to(room: string): Emitter
  local: { to(room: string): Emitter }
}

export interface SocketIoOptions {
  transports: string[]
  perMessageDeflate: boolean
  serveClient: boolean
  adapter?: unknown
}

interface BullQueue {
  add(name: string, data: string): Promise<unknown>
}

interface BullWorker {
  pause(): Promise<void>
  resume(): void
  waitUntilReady(): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface PeerPackages {
  redis(): { createClient(options: { url: string }): RedisClient }
  socketIo(): { Server: new (http: HttpServer, options: SocketIoOptions) => SocketIoServer }
  redisAdapter(): {
    createAdapter(publisher: RedisClient, subscriber: RedisClient): unknown
    createShardedAdapter(publisher: RedisClient, subscriber: RedisClient): unknown
  }
  streamsAdapter(): { createAdapter(client: RedisClient): unknown }
  bullmq(): {
    Queue: new (name: string, options: { connection: { url: string }; defaultJobOptions: object }) => BullQueue
    Worker: new (
      name: string,
      handle: (job: { data: string }) => Promise<void>,
      options: { connection: { url: string }; concurrency: number },
    ) => BullWorker
  }
}

export function peerPackages(modules: string): PeerPackages {
  const load = createRequire(join(modules, 'package.json'))
  return {
    redis: () => load('redis'),
    socketIo: () => load('socket.io'),
    redisAdapter: () => load('@socket.io/redis-adapter'),
    streamsAdapter: () => load('@socket.io/redis-streams-adapter'),
    bullmq: () => load('bullmq'),
  }
}

export async function redisClient(modules: string, url: string): Promise<RedisClient> {
  const client = peerPackages(modules).redis().createClient({ url })
  client.on('error', error => process.emitWarning(error))
  await client.connect()
  return client
}
