/** WebSocket frames on a bare socket, as RFC 6455 has them: masked out, unmasked in. */

const TEXT = 0x81
const MASKED = 0x80
const SLAB_BYTES = 1 << 18
/** Two bytes of head, two of length, four of mask: what follows is aligned for whole words. */
const HEAD_BYTES = 8
const SHORT_MAX = 125

let slab = new ArrayBuffer(SLAB_BYTES)
let used = 0

/** One text frame with a mask drawn for it. The length is always written in two bytes, which every
 *  server takes from 126 on. @param payload aligned to four bytes, 126 to 65,535 bytes long */
export function maskedFrame(payload: Uint8Array): Uint8Array {
  const { length } = payload
  const words = (length + 3) >> 2
  const whole = HEAD_BYTES + words * 4
  if (used + whole > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES)
    used = 0
  }
  const frame = new Uint8Array(slab, used, HEAD_BYTES + length)
  frame[0] = TEXT
  frame[1] = MASKED | 126
  frame[2] = length >> 8
  frame[3] = length & 0xff
  const mask = (Math.random() * 0x1_0000_0000) >>> 0
  const to = new Uint32Array(slab, used + 4, words + 1)
  const from = new Uint32Array(payload.buffer, payload.byteOffset, words)
  to[0] = mask
  for (let i = 0; i < words; i += 1) to[i + 1] = from[i]! ^ mask
  used += whole
  return frame
}

/** A frame of a few bytes, for handshakes and pongs. */
export function shortFrame(text: string, opcode = 1): Uint8Array {
  const payload = Buffer.from(text)
  const mask = [0, 0, 0, 0].map(() => Math.floor(Math.random() * 256))
  const masked = payload.map((byte, i) => byte ^ mask[i & 3]!)
  const size = payload.length
  const length = size <= SHORT_MAX ? [MASKED | size] : [MASKED | 126, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, ...mask]), masked])
}

/** A buffer for `maskedFrame`: its end is padded to whole words. */
export function alignedPayload(text: string): Buffer {
  const bytes = Buffer.from(text)
  const whole = Buffer.from(new ArrayBuffer((bytes.length + 3) & ~3))
  bytes.copy(whole)
  return whole.subarray(0, bytes.length)
}

export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const

/** Cuts what a server sends into frames; a frame may come in pieces. */
export class FrameReader {
  #rest: Buffer | undefined
  readonly #onFrame: (opcode: number, chunk: Buffer, from: number, to: number) => void

  /** @param onFrame the payload is `chunk` between `from` and `to`, valid during the call */
  constructor(onFrame: (opcode: number, chunk: Buffer, from: number, to: number) => void) {
    this.#onFrame = onFrame
  }

  read(piece: Buffer): void {
    const chunk = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece])
    let at = 0
    while (chunk.length - at >= 2) {
      let from = at + 2
      let length = chunk[at + 1]! & 0x7f
      if (length === 126) {
        if (chunk.length - at < 4) break
        length = chunk.readUInt16BE(from)
        from += 2
      } else if (length === 127) {
        if (chunk.length - at < 10) break
        length = Number(chunk.readBigUInt64BE(from))
        from += 8
      }
      if (from + length > chunk.length) break
      this.#onFrame(chunk[at]! & 0x0f, chunk, from, from + length)
      at = from + length
    }
    this.#rest = at === chunk.length ? undefined : chunk.subarray(at)
  }
}
