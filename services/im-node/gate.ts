import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { FRAME_MAX_BYTES } from '#contracts/limits'
import type { Settings } from '#contracts/settings'
import { GatheringWriter, plainWriter, type SocketWriter } from './socket-writer.ts'

/** Fragments that one message may come in: 10^6 tiny ones are an attack. */
const FRAGMENTS_MAX = 64

export interface Gate extends AsyncDisposable {
  readonly sockets: ReadonlySet<WebSocket>
}

/** Accepts WebSockets at `/chat`: caps, origins, sizes, heartbeat. Login is the session's. */
export function openGate(
  server: Server,
  settings: Settings,
  onSocket: (socket: WebSocket, writer: SocketWriter) => { expiresAtMs(): number; end(): void },
): Gate {
  const wss = new WebSocketServer({ noServer: true, maxPayload: FRAME_MAX_BYTES, maxFragments: FRAGMENTS_MAX, perMessageDeflate: false })
  const sessions = new Map<WebSocket, { expiresAtMs(): number; end(): void; writer: SocketWriter; alive: boolean }>()

  function refuse(socket: Duplex, status: string, detail: string): void {
    socket.end(
      `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(detail)}\r\n\r\n${detail}`,
    )
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const { origin } = request.headers
    if (URL.parse(request.url ?? '/', 'http://node')?.pathname !== '/chat') refuse(socket, '404 Not Found', 'WebSockets are at /chat\n')
    else if (origin !== undefined && !settings.originAllowed.includes(origin))
      refuse(socket, '403 Forbidden', 'this origin is not on the list (setting originAllowed)\n')
    else if (wss.clients.size >= settings.nodeConnectionsMax)
      refuse(socket, '429 Too Many Requests', 'this node has as many connections as it may\n')
    else {
      wss.handleUpgrade(request, socket, head, ws => {
        const writer = settings.fanoutBatching ? new GatheringWriter(ws, socket) : plainWriter(ws)
        const session = { ...onSocket(ws, writer), writer, alive: true }
        sessions.set(ws, session)
        ws.on('pong', () => {
          session.alive = true
        })
        ws.on('close', () => sessions.delete(ws))
      })
    }
  })

  // One timer for all sockets, not one each.
  const pinging = setInterval(() => {
    const now = Date.now()
    for (const [ws, session] of sessions) {
      if (session.expiresAtMs() <= now) session.end()
      else {
        session.alive = false
        ws.ping()
      }
    }
    setTimeout(() => {
      for (const [ws, session] of sessions) if (!session.alive) ws.terminate()
    }, settings.pongMs).unref()
  }, settings.pingMs)

  return {
    sockets: wss.clients,
    async [Symbol.asyncDispose]() {
      clearInterval(pinging)
      // What was answered last goes out before the close frame.
      for (const { writer } of sessions.values()) writer.flush()
      for (const ws of wss.clients) ws.close(1001, 'SHUTTING_DOWN')
      const gone = Promise.all(
        [...wss.clients].filter(ws => ws.readyState !== WebSocket.CLOSED).map(ws => new Promise(resolve => ws.once('close', resolve))),
      )
      const cut = setTimeout(() => {
        for (const ws of wss.clients) ws.terminate()
      }, 1_000)
      await gone
      clearTimeout(cut)
      wss.close()
    },
  }
}
