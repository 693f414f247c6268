import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ClientFrame, PROTOCOL_VERSION } from '#contracts/frames'
import { tell } from './process.ts'

/** A node of the small systems. It speaks our frames and checks no token. */

export type Send = Extract<ClientFrame, { type: 'send' }>

export class SmallNode {
  readonly #sockets = new Map<string, WebSocket>()

  /** @param onSend what the system does with a message */
  constructor(onSend: (sender: string, frame: Send, socket: WebSocket) => void) {
    const http = createServer()
    new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', socket => {
      let user = ''
      socket.on('message', (raw: Buffer) => {
        const frame = JSON.parse(raw.toString()) as ClientFrame // Only our client talks to it.
        if (frame.type === 'send') onSend(user, frame, socket)
        else if (frame.type === 'auth') {
          user = frame.token
          this.#sockets.set(user, socket)
          socket.send(JSON.stringify({ type: 'ready', version: PROTOCOL_VERSION, user }))
        }
      })
      socket.on('close', () => this.#sockets.delete(user))
    })
    http.listen(0, '127.0.0.1', () => tell({ port: (http.address() as AddressInfo).port }))
  }

  /** @returns whether the user is connected here */
  deliver(to: string, frame: string): boolean {
    const socket = this.#sockets.get(to)
    socket?.send(frame)
    return socket !== undefined
  }
}

export function messageFrame(sender: string, { to, body, clientMessageId }: Send): string {
  return JSON.stringify({ type: 'message', sender, to, body, clientMessageId })
}
