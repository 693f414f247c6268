import http from 'k6/http'
import { WebSocket } from 'k6/websockets'
import type { ClientFrame, PROTOCOL_VERSION, ServerFrame } from '#contracts/frames'

/** A chat socket. Types from the contracts; npm's zod does not run inside k6. */
export interface ChatSocket {
  robot: string
  send(frame: ClientFrame): void
  close(): void
}

/** The type fails here when the protocol's number moves on. */
const VERSION: typeof PROTOCOL_VERSION = 1

/** A token of the node. Throws unless it answers 200 with one. */
export function login(node: string, user: string, secret: string): string {
  const response = http.post(`${node}/login`, JSON.stringify({ user, secret }), { headers: { 'content-type': 'application/json' } })
  const token = response.status === 200 ? response.json('token') : undefined
  if (typeof token !== 'string')
    throw new Error(`${node}/login answered ${response.status} for ${user}: ${response.body ?? response.error}`)
  return token
}

/** Resolves on `ready`; later frames go to `onFrame`. Never reconnects: see `onEnded`. */
export function connect(
  { node, user, token }: { node: string; user: string; token: string },
  onFrame: (frame: ServerFrame) => void,
  onEnded: () => void,
): Promise<ChatSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${node.replace(/^http/, 'ws')}/chat`)
    let state: 'connecting' | 'ready' | 'ended' = 'connecting'
    const send = (frame: ClientFrame) => socket.send(JSON.stringify(frame))
    const close = () => {
      state = 'ended'
      socket.close()
    }
    const ended = (why: string) => {
      if (state === 'connecting') reject(new Error(`${user} on ${node}: ${why}`))
      else if (state === 'ready') onEnded()
      state = 'ended'
    }
    socket.onopen = () => send({ type: 'auth', version: VERSION, token })
    socket.onmessage = event => {
      const frame = JSON.parse(String(event?.data)) as ServerFrame
      if (frame.type === 'ready') {
        state = 'ready'
        resolve({ robot: frame.robot, send, close })
      } else if (frame.type === 'error' && frame.fatal) ended(`${frame.code}: ${frame.detail}`)
      else onFrame(frame)
    }
    socket.onerror = event => ended(event?.error ?? 'socket error')
    socket.onclose = () => ended('closed')
  })
}
