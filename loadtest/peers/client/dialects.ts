import { PROTOCOL_VERSION } from '#contracts/frames'

/** How the systems speak on the wire: ours (`chat`), which the small servers speak too, and that of
 *  Socket.IO with Engine.IO's framing. */

export type DialectName = 'chat' | 'socket.io'

export interface Dialect {
  /** Target of the upgrade request. */
  path: string
  /** What is sent once the socket is open, or after the server's first frame. */
  greeting(token: string): string
  /** Whether the server speaks first. */
  serverFirst: boolean
  /** A frame that says that messages may be sent now. */
  isReady(text: string): boolean
  /** A message with a place for its id: `ID`. */
  message(to: string, body: string): string
  /** Stands directly before the id in what comes back. */
  idMark: string
  /** First byte that tells a confirmation from a message, and where it stands. */
  stored?: { at: number; byte: number }
  /** What a heartbeat is answered with. */
  pong(text: string): string | undefined
}

export const ID = 'ID'

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  chat: {
    path: '/chat',
    greeting: token => JSON.stringify({ type: 'auth', version: PROTOCOL_VERSION, token }),
    serverFirst: false,
    isReady: text => text.startsWith('{"type":"ready"'),
    message: (to, body) => JSON.stringify({ type: 'send', clientMessageId: ID, to, body }),
    idMark: '"clientMessageId":"',
    // `{"type":"stored"` beside `{"type":"message"`.
    stored: { at: 9, byte: 's'.charCodeAt(0) },
    pong: () => undefined,
  },
  'socket.io': {
    path: '/socket.io/?EIO=4&transport=websocket',
    greeting: user => `40${JSON.stringify({ user })}`,
    serverFirst: true,
    isReady: text => text.startsWith('40'),
    message: (to, body) => `42${JSON.stringify(['send', { id: ID, to, body }])}`,
    idMark: '"id":"',
    pong: text => (text === '2' ? '3' : undefined),
  },
}
