import { randomBytes } from 'node:crypto'

/** Client message ids of a generator thread: UUIDs of version 7, so the store appends in order. The
 *  last twelve digits number the messages, so that an id is found again without a table. */

export const ID_BYTES = 36
const RANDOM_AT = 14
const NUMBER_AT = 24
const NUMBER_DIGITS = 12
const HEX = Buffer.from('0123456789abcdef')
const VALUES = new Uint8Array(256).fill(255)
for (const [value, code] of HEX.entries()) VALUES[code] = value

export class WireIds {
  /** Time and this thread's own part; the number follows. */
  readonly #head = Buffer.alloc(NUMBER_AT)
  readonly #own: Buffer
  #stampMs = -1

  constructor(random = randomBytes(3).toString('hex')) {
    this.#own = Buffer.from(`7${random.slice(0, 3)}-8${random.slice(3, 6)}-`)
  }

  /** Writes the id of a message that was first sent at `wallMs`. */
  write(into: Uint8Array, at: number, number: number, wallMs: number): void {
    if (wallMs !== this.#stampMs) {
      this.#stampMs = wallMs
      const hex = wallMs.toString(16).padStart(12, '0')
      this.#head.write(`${hex.slice(0, 8)}-${hex.slice(8)}-`, 0, 'latin1')
      this.#own.copy(this.#head, RANDOM_AT)
    }
    into.set(this.#head, at)
    let rest = number
    for (let i = at + ID_BYTES - 1; i >= at + NUMBER_AT; i -= 1) {
      into[i] = HEX[rest & 15]!
      rest = Math.floor(rest / 16)
    }
  }

  text(number: number, wallMs: number): string {
    const id = Buffer.alloc(ID_BYTES)
    this.write(id, 0, number, wallMs)
    return id.toString('latin1')
  }

  /** The message whose id begins there; -1: it is none of this thread's. */
  numberAt(bytes: Uint8Array, at: number): number {
    for (let i = 0; i < this.#own.length; i += 1) if (bytes[at + RANDOM_AT + i] !== this.#own[i]) return -1
    let number = 0
    for (let i = at + NUMBER_AT; i < at + NUMBER_AT + NUMBER_DIGITS; i += 1) {
      const value = VALUES[bytes[i] ?? 0]!
      if (value > 15) return -1
      number = number * 16 + value
    }
    return number
  }
}
