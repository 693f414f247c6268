import { randomFillSync } from 'node:crypto'

/** Client frames of a WebSocket (RFC 6455): whole, masked, many of them in one buffer. */

export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const LAST = 0x80
const MASKED = 0x80
const HEAD_MAX_BYTES = 14
const ARENA_BYTES = 1 << 18
const MASKS_BYTES = 1 << 14

/** Builds frames one behind the other. One serves all sockets of a thread. */
export class FrameWriter {
  #arena = Buffer.allocUnsafeSlow(ARENA_BYTES)
  /** What is built and not yet taken. */
  #from = 0
  #to = 0
  readonly #masks = new Uint8Array(MASKS_BYTES)
  #mask = MASKS_BYTES

  /** @param payload copied, so it may change afterwards */
  add(payload: Uint8Array, opcode: number = OPCODE.text): void {
    const { length } = payload
    this.#room(HEAD_MAX_BYTES + length)
    const arena = this.#arena
    let at = this.#to
    arena[at] = LAST | opcode
    if (length < 126) {
      arena[at + 1] = MASKED | length
      at += 2
    } else if (length < 0x1_0000) {
      arena[at + 1] = MASKED | 126
      arena.writeUInt16BE(length, at + 2)
      at += 4
    } else {
      arena[at + 1] = MASKED | 127
      arena.writeBigUInt64BE(BigInt(length), at + 2)
      at += 10
    }
    if (this.#mask === MASKS_BYTES) {
      randomFillSync(this.#masks)
      this.#mask = 0
    }
    const masks = this.#masks
    const [a, b, c, d] = [masks[this.#mask]!, masks[this.#mask + 1]!, masks[this.#mask + 2]!, masks[this.#mask + 3]!]
    this.#mask += 4
    arena[at] = a
    arena[at + 1] = b
    arena[at + 2] = c
    arena[at + 3] = d
    at += 4
    // Four at a time: the loop is most of what a frame costs.
    const whole = length & ~3
    for (let i = 0; i < whole; i += 4) {
      arena[at + i] = payload[i]! ^ a
      arena[at + i + 1] = payload[i + 1]! ^ b
      arena[at + i + 2] = payload[i + 2]! ^ c
      arena[at + i + 3] = payload[i + 3]! ^ d
    }
    for (let i = whole; i < length; i += 1) arena[at + i] = payload[i]! ^ masks[this.#mask - 4 + (i & 3)]!
    this.#to = at + length
  }

  /** All frames since the last call. They stay as they are: a socket may write them later. */
  take(): Uint8Array {
    const taken = this.#arena.subarray(this.#from, this.#to)
    this.#from = this.#to
    return taken
  }

  /** A full arena is left to those that still write it. */
  #room(bytes: number): void {
    if (this.#to + bytes <= this.#arena.length) return
    const built = this.#arena.subarray(this.#from, this.#to)
    this.#arena = Buffer.allocUnsafeSlow(Math.max(ARENA_BYTES, 2 * (built.length + bytes)))
    built.copy(this.#arena)
    this.#from = 0
    this.#to = built.length
  }
}
