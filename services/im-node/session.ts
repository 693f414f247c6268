import type { RawData, WebSocket } from 'ws'
import { CLOSE, type ClientFrame, PROTOCOL_VERSION, type RefusalCode } from '#contracts/frames'
import type { Settings } from '#contracts/settings'
import type { ChatStore } from '../kit/chat-store.ts'
import type { FanOut } from '../kit/fan-out.ts'
import type { Log } from '../kit/log.ts'
import { type Connection, type Connections, connectionOf, endSocket } from './connections.ts'
import { readFrame } from './read-frame.ts'
import { resume } from './resume.ts'
import type { SendPath } from './send/send-path.ts'
import type { SocketWriter } from './socket-writer.ts'
import type { Tokens } from './token.ts'
import type { Waiting } from './waiting.ts'

export interface SessionParts {
  node: string
  settings: Settings
  tokens: Tokens
  store: ChatStore
  connections: Connections
  sendPath: SendPath
  fanOut: FanOut
  waiting: Waiting
  /** Tells the workers: whichever is at it frees its GPU. */
  cancelled(task: string): void
  log: Log
  count: { malformed(): void; slow(): void; connected(): void }
}

/** A socket from its auth frame to its end. A malformed frame closes only this socket. */
export function openSession(socket: WebSocket, writer: SocketWriter, parts: SessionParts): { expiresAtMs(): number; end(): void } {
  const { settings, tokens, connections, log } = parts
  let connection: Connection | undefined
  let expiresAtMs = Number.POSITIVE_INFINITY
  /** One resume at a time, in order: a hundred requests wait for a hundred answers. */
  let resuming: Promise<void> = Promise.resolve()
  const deadline = setTimeout(
    () => endSocket(socket, 'AUTH_TIMEOUT', CLOSE.authTimeout, `no token within ${settings.authDeadlineMs} ms`),
    settings.authDeadlineMs,
  )

  function malformed(detail: string): void {
    parts.count.malformed()
    if (connection === undefined) endSocket(socket, 'MALFORMED', CLOSE.malformed, detail)
    else connection.end('MALFORMED', CLOSE.malformed, detail)
  }

  function authenticate(token: string): void {
    const verdict = tokens.verify(token, Date.now())
    if (!verdict.ok) {
      endSocket(socket, verdict.why, CLOSE.unauthenticated, verdict.why === 'TOKEN_EXPIRED' ? 'log in again' : 'this token is not ours')
      return
    }
    const opened = connectionOf({ socket, writer }, verdict.user, settings, parts.count.slow)
    if (!connections.add(opened, performance.now())) {
      endSocket(socket, 'TOO_MANY_CONNECTIONS', CLOSE.tooManyConnections, `at most ${settings.userConnectionsMax} connections of one user`)
      return
    }
    clearTimeout(deadline)
    connection = opened
    expiresAtMs = verdict.expiresAtMs
    parts.count.connected()
    opened.send({
      type: 'ready',
      version: PROTOCOL_VERSION,
      user: verdict.user,
      node: parts.node,
      robot: settings.robotUser,
      sequenced: settings.chatStored,
    })
    parts.waiting.arrived(verdict.user)
  }

  async function cancel(own: Connection, task: string): Promise<void> {
    const refuse = (code: RefusalCode, detail: string) => own.send({ type: 'refused', ref: task, code, retryable: false, detail })
    if (!connections.mayPublish(own.user, performance.now())) {
      own.send({
        type: 'refused',
        ref: task,
        code: 'RATE_LIMITED',
        retryable: true,
        detail: `more than ${settings.userFramesPerSecond} frames per second`,
      })
      return
    }
    const outcome = settings.chatStored ? await parts.store.cancel(task, own.user) : 'unknown'
    if (outcome === 'cancelled') {
      parts.cancelled(task)
      // To all the user's devices on all nodes: the question was withdrawn.
      await parts.fanOut.publish([
        { to: [own.user], frame: { type: 'refused', ref: task, code: 'CANCELLED', retryable: false, detail: 'cancelled by its asker' } },
      ])
    } else if (outcome === 'again') refuse('CANCELLED', 'cancelled by its asker')
    else refuse('UNKNOWN_TASK', outcome === 'settled' ? 'answered already' : 'no such task of yours')
  }

  function handle(own: Connection, frame: ClientFrame): void {
    const failed = (error: unknown) => {
      log.warn({ reason: error instanceof Error ? error.message : String(error), frame: frame.type }, 'frame failed')
      own.send({ type: 'error', code: 'STORE_UNAVAILABLE', detail: `${frame.type} failed; try again`, fatal: false })
    }
    switch (frame.type) {
      case 'auth':
        own.send({ type: 'error', code: 'ALREADY_AUTHENTICATED', detail: 'this connection has its user', fatal: false })
        break
      case 'send':
        parts.sendPath.accept(own, frame)
        break
      case 'resume':
        resuming = resuming.then(() => resume(own, frame, parts)).catch(failed)
        break
      case 'cancel':
        cancel(own, frame.task).catch(failed)
        break
      case 'ping':
        own.send({ type: 'pong', ...(frame.nonce === undefined ? {} : { nonce: frame.nonce }) })
    }
  }

  socket.on('message', (raw: RawData, isBinary: boolean) => {
    if (isBinary) {
      malformed('a binary frame; expected JSON text')
      return
    }
    const parsed = readFrame(raw, connection?.addressees)
    if (typeof parsed === 'string') malformed(parsed)
    else if (connection !== undefined) handle(connection, parsed)
    else if (parsed.type === 'auth') authenticate(parsed.token)
    else endSocket(socket, 'UNAUTHENTICATED', CLOSE.unauthenticated, `the first frame must be auth, not ${parsed.type}`)
  })
  // 'close' follows: too big, not UTF-8, reset …
  socket.on('error', error => log.info({ reason: error.message }, 'socket error'))
  socket.on('close', () => {
    clearTimeout(deadline)
    if (connection !== undefined) connections.remove(connection)
  })
  return {
    expiresAtMs: () => expiresAtMs,
    end() {
      writer.flush()
      endSocket(socket, 'TOKEN_EXPIRED', CLOSE.unauthenticated, 'log in again')
    },
  }
}
