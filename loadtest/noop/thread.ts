/** A node that does nothing but hand each message on, to find the generator's limit. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from '#contracts/frames'
import { conversationId } from '#contracts/ids'

const ROBOT = 'URobot'
const SENT_AT = new Date(0).toISOString()
const sockets = new Map<string, WebSocket>()
const conversations = new Map<string, { id: string; seq: number }>()

const send = (socket: WebSocket | undefined, frame: ServerFrame) => socket?.send(JSON.stringify(frame))

function place(sender: string, to: string): { id: string; seq: number } {
  const key = sender < to ? `${sender}:${to}` : `${to}:${sender}`
  let known = conversations.get(key)
  if (known === undefined) {
    known = { id: conversationId(sender, to), seq: 0 }
    conversations.set(key, known)
  }
  known.seq += 1
  return known
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { user = '' } = JSON.parse(Buffer.concat(chunks).toString() || '{}') as { user?: string }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ token: user, expiresAt: new Date(Date.now() + 86_400_000).toISOString() }))
  })
})

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', socket => {
  let user = ''
  socket.on('message', (raw: Buffer) => {
    const frame = JSON.parse(raw.toString()) as ClientFrame // Only the generator talks to it.
    if (frame.type === 'auth') {
      user = frame.token
      sockets.set(user, socket)
      send(socket, { type: 'ready', version: PROTOCOL_VERSION, user, node: 'noop', robot: ROBOT, sequenced: true })
    } else if (frame.type === 'resume') send(socket, { type: 'head', heads: {} })
    else if (frame.type === 'send') {
      const { clientMessageId, to, body } = frame
      const { id: conversation, seq } = place(user, to)
      const message = { type: 'message', conversation, seq, sender: user, to, body, clientMessageId, sentAt: SENT_AT } as const
      send(sockets.get(to), message)
      send(socket, message)
      send(socket, { type: 'stored', clientMessageId, conversation, seq })
    }
  })
  socket.on('close', () => sockets.delete(user))
})

server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port))
