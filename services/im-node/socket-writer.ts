import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { frameBytes, frameTexts, writeFrame } from '../kit/text-frames.ts'

/** How frames get to one socket: two ways, the setting `fanoutBatching` chooses. */
export interface SocketWriter {
  /** A text, as one frame. @param later it may wait for company (`LATER_MS`) */
  text(text: string, later?: boolean): void
  /** Whole frames, ready for the socket. */
  frames(frames: Buffer, later?: boolean): void
  /** Now, for what must not wait: a close frame follows. */
  flush(): void
  /** What the reader has not taken yet. */
  readonly bufferedBytes: number
}

/** The plain way: the library writes a frame at a time, each a call to the system. */
export function plainWriter(socket: WebSocket): SocketWriter {
  return {
    text: text => socket.send(text),
    frames(frames) {
      for (const text of frameTexts(frames)) socket.send(text)
    },
    flush: () => undefined,
    get bufferedBytes() {
      return socket.bufferedAmount
    },
  }
}

/** More than this is not gathered: the reader's buffer must show how slow they are. */
const GATHER_MAX_BYTES = 65_536

/** What may wait goes out with the socket's next frame, or this long after. Milliseconds. */
const LATER_MS = 10

/** Sockets that have something to write at the end of this turn of the event loop, or later. */
let waiting: GatheringWriter[] = []
let patient: GatheringWriter[] = []

function flushAll(): void {
  const due = waiting
  waiting = []
  for (const writer of due) writer.flush()
}

function flushPatient(): void {
  const due = patient
  patient = []
  for (const writer of due) writer.flush()
}

/** The fast way: what one turn of the event loop has for a socket goes out in one call. Writes are
 *  half of a node's time, so their number decides; waiting for the turn's end costs microseconds.
 *  Whole frames go to the stream below `ws`, which itself writes pings, pongs and close frames. It
 *  writes a frame at once since nothing is compressed, so frames never mix. */
export class GatheringWriter implements SocketWriter {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  #gathered: (string | Buffer)[] = []
  #bytes = 0
  /** It is among the waiting. */
  #waits = false

  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket
    this.#stream = stream
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength + this.#bytes
  }

  text(text: string, later = false): void {
    this.#gather(text, frameBytes(Buffer.byteLength(text)), later)
  }

  frames(frames: Buffer, later = false): void {
    this.#gather(frames, frames.length, later)
  }

  #gather(piece: string | Buffer, bytes: number, later: boolean): void {
    if (later) {
      if (this.#gathered.length === 0 && patient.push(this) === 1) setTimeout(flushPatient, LATER_MS)
    } else if (!this.#waits) {
      this.#waits = true
      if (waiting.push(this) === 1) setImmediate(flushAll)
    }
    this.#gathered.push(piece)
    this.#bytes += bytes
    if (this.#bytes >= GATHER_MAX_BYTES) this.flush()
  }

  flush(): void {
    this.#waits = false
    const pieces = this.#gathered
    if (pieces.length === 0) return
    const bytes = this.#bytes
    this.#gathered = []
    this.#bytes = 0
    // After our close frame, or the peer's, nothing may follow.
    if (this.#socket.readyState !== this.#socket.OPEN || !this.#stream.writable) return
    const [first] = pieces
    this.#stream.write(pieces.length === 1 && typeof first === 'object' ? first : joined(pieces, bytes))
  }
}

function joined(pieces: readonly (string | Buffer)[], bytes: number): Buffer {
  const whole = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const piece of pieces) {
    if (typeof piece === 'string') at = writeFrame(whole, at, piece, Buffer.byteLength(piece))
    else at += piece.copy(whole, at)
  }
  return whole
}
