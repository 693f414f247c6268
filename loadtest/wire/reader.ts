import { OPCODE } from './frames.ts'

/** Cuts a server's bytes into WebSocket messages (RFC 6455). A frame may come in any pieces. */

/** Bytes that a WebSocket server never sends. */
export class WireError extends Error {
  override name = 'WireError'
}

/** `bytes` between `from` and `to` is the payload, valid during the call alone. */
export type OnPayload = (opcode: number, bytes: Buffer, from: number, to: number) => void

const CONTROL = 8
const CONTROL_MAX_BYTES = 125

export class FrameReader {
  readonly #maxBytes: number
  readonly #onPayload: OnPayload
  /** The beginning of a frame, of an earlier read. */
  #rest: Buffer | undefined
  /** Fragments of a message so far. */
  #parts: Buffer[] = []
  #partBytes = 0
  #opcode = 0

  constructor(maxBytes: number, onPayload: OnPayload) {
    this.#maxBytes = maxBytes
    this.#onPayload = onPayload
  }

  /** @param piece may be used again by its owner afterwards
   *  @throws WireError at anything but a frame */
  read(piece: Buffer): void {
    const bytes = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece])
    let at = 0
    while (bytes.length - at >= 2) {
      const [first, second] = [bytes[at]!, bytes[at + 1]!]
      if ((first & 0x70) !== 0) throw new WireError('a frame with reserved bits')
      if (second > 127) throw new WireError('a masked frame of a server')
      let from = at + 2
      let length = second
      if (length === 126) {
        if (bytes.length - at < 4) break
        length = (bytes[from]! << 8) | bytes[from + 1]!
        from += 2
      } else if (length === 127) {
        if (bytes.length - at < 10) break
        length = Number(bytes.readBigUInt64BE(from))
        from += 8
      }
      if (length > this.#maxBytes) throw new WireError(`a frame of ${length} bytes, at most ${this.#maxBytes} are expected`)
      if (from + length > bytes.length) break
      this.#frame(first, bytes, from, from + length)
      at = from + length
    }
    this.#rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at))
  }

  #frame(first: number, bytes: Buffer, from: number, to: number): void {
    const opcode = first & 0x0f
    const last = first > 127
    if (opcode >= CONTROL) {
      if (opcode > OPCODE.pong || !last || to - from > CONTROL_MAX_BYTES) throw new WireError(`a control frame ${opcode} that is none`)
      this.#onPayload(opcode, bytes, from, to)
      return
    }
    const begun = this.#opcode !== 0
    if (opcode > OPCODE.binary || begun !== (opcode === OPCODE.more)) throw new WireError(`a frame ${opcode} out of place`)
    if (last && !begun) {
      this.#onPayload(opcode, bytes, from, to)
      return
    }
    this.#opcode ||= opcode
    this.#parts.push(Buffer.from(bytes.subarray(from, to)))
    this.#partBytes += to - from
    if (this.#partBytes > this.#maxBytes) throw new WireError(`a message of more than ${this.#maxBytes} bytes`)
    if (!last) return
    const whole = Buffer.concat(this.#parts)
    const kind = this.#opcode
    this.#parts = []
    this.#partBytes = 0
    this.#opcode = 0
    this.#onPayload(kind, whole, 0, whole.length)
  }
}
