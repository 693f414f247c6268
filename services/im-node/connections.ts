import type { WebSocket } from 'ws'
import { CLOSE, type ErrorCode, type ServerFrame } from '#contracts/frames'
import type { UserId } from '#contracts/ids'
import type { Settings } from '#contracts/settings'
import type { ReadyRun } from '../kit/ready-batch.ts'
import { Addressees } from './addressees.ts'
import { Rate } from './rate.ts'
import type { SocketWriter } from './socket-writer.ts'

/** One device that has shown its token. */
export interface Connection {
  user: string
  addressees: Addressees
  /** @param later it may wait for company */
  send(frame: ServerFrame, later?: boolean): void
  /** A frame that was serialised once for many. */
  sendText(text: string, later?: boolean): void
  /** Whole WebSocket frames, ready-made. @param later they may wait for company */
  sendFrames(frames: Buffer, later?: boolean): void
  /** Says why and closes. */
  end(code: ErrorCode, closeCode: number, detail: string): void
}

/** This node's connections, by user: any number of devices each, up to the caps. */
export class Connections {
  readonly #byUser = new Map<string, { connections: Set<Connection>; rate: Rate }>()
  readonly #settings: Pick<Settings, 'userConnectionsMax' | 'userFramesPerSecond'>
  #count = 0

  constructor(settings: Pick<Settings, 'userConnectionsMax' | 'userFramesPerSecond'>) {
    this.#settings = settings
  }

  get count(): number {
    return this.#count
  }

  users(): string[] {
    return [...this.#byUser.keys()]
  }

  has(user: string): boolean {
    return this.#byUser.has(user)
  }

  of(user: string): ReadonlySet<Connection> | undefined {
    return this.#byUser.get(user)?.connections
  }

  /** false: the user is at the connection limit. */
  add(connection: Connection, nowMs: number): boolean {
    let own = this.#byUser.get(connection.user)
    if (own === undefined) {
      own = { connections: new Set(), rate: new Rate(this.#settings.userFramesPerSecond, nowMs) }
      this.#byUser.set(connection.user, own)
    }
    if (own.connections.size >= this.#settings.userConnectionsMax) return false
    own.connections.add(connection)
    this.#count += 1
    return true
  }

  remove(connection: Connection): void {
    const own = this.#byUser.get(connection.user)
    if (own === undefined || !own.connections.delete(connection)) return
    this.#count -= 1
    if (own.connections.size === 0) this.#byUser.delete(connection.user)
  }

  /** Takes one `send` or `cancel` from the user's allowance on this node. */
  mayPublish(user: string, nowMs: number): boolean {
    return this.#byUser.get(user)?.rate.take(nowMs) ?? false
  }

  /** To every device of these users here; serialised once. Returns how many devices got it. */
  deliver(users: readonly string[], frame: ServerFrame): number {
    let text: string | undefined
    let devices = 0
    for (const user of users) {
      for (const connection of this.#byUser.get(user)?.connections ?? []) {
        text ??= JSON.stringify(frame)
        connection.sendText(text)
        devices += 1
      }
    }
    return devices
  }

  /** Ready-made frames to every device of their users here. Returns how many devices got them.
   *  @param patient the user whose devices may wait for them a little */
  write({ to, frames }: ReadyRun, patient?: UserId): number {
    let devices = 0
    for (const user of to) {
      for (const connection of this.#byUser.get(user)?.connections ?? []) {
        connection.sendFrames(frames, user === patient)
        devices += 1
      }
    }
    return devices
  }

  *[Symbol.iterator](): Iterator<Connection> {
    for (const { connections } of this.#byUser.values()) yield* connections
  }
}

/** A socket as a connection. A slow reader is closed at its send buffer's limit, and resumes. */
export function connectionOf(
  { socket, writer }: { socket: WebSocket; writer: SocketWriter },
  user: string,
  settings: Pick<Settings, 'sendBufferMaxBytes'>,
  onSlow: () => void,
): Connection {
  let ended = false
  /** Whether the reader takes what is written. */
  function open(): boolean {
    if (ended || socket.readyState !== socket.OPEN) return false
    if (writer.bufferedBytes <= settings.sendBufferMaxBytes) return true
    ended = true
    onSlow()
    // What is buffered will not be read; a close frame behind it would not be either.
    socket.close(CLOSE.slowReader, 'SLOW_READER')
    socket.terminate()
    return false
  }
  const connection: Connection = {
    user,
    addressees: new Addressees(user),
    send: (frame, later) => connection.sendText(JSON.stringify(frame), later),
    sendText(text, later) {
      if (open()) writer.text(text, later)
    },
    sendFrames(frames, later) {
      if (open()) writer.frames(frames, later)
    },
    end(code, closeCode, detail) {
      if (ended) return
      ended = true
      writer.flush()
      endSocket(socket, code, closeCode, detail)
    },
  }
  return connection
}

/** How long a peer has to answer our close frame. Milliseconds. */
const CLOSE_WITHIN_MS = 1_000

/** Says why in a frame, closes, and cuts the line if the peer does not answer. */
export function endSocket(socket: WebSocket, code: ErrorCode, closeCode: number, detail: string): void {
  if (socket.readyState === socket.OPEN) {
    const frame: ServerFrame = { type: 'error', code, detail, fatal: true }
    socket.send(JSON.stringify(frame))
  }
  socket.close(closeCode, code)
  setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS).unref()
}
