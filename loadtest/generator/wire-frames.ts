import { ID_BYTES, type WireIds } from './wire-ids.ts'

/** The chat protocol as bytes, for one device that writes to one other: its frames are made once,
 *  what comes is recognised by its bytes. Frames of another shape are left to a parser. */

/** ISO 8601 with milliseconds, as the store has it. */
const SENT_AT_BYTES = 24
const ID_MARK = Buffer.from('","clientMessageId":"')
const SENT_MARK = Buffer.from('","sentAt":"')
const STORED = Buffer.from('{"type":"stored","clientMessageId":"')
const [ZERO, NINE, COMMA, BRACE, QUOTE] = [48, 57, 44, 125, 34]
const NONE = Number.MAX_SAFE_INTEGER

export type WireKind = 'unknown' | 'received' | 'echoed' | 'stored'

export class WireFrames {
  /** Of what was recognised last: its message, by number, and its place. */
  number = -1
  seq = 0
  readonly #ids: WireIds
  readonly #send: Buffer
  readonly #idAt: number
  readonly #message: Buffer
  readonly #received: Buffer
  readonly #echoed: Buffer
  readonly #storedTail: Buffer
  /** Where the digits of the last number ended. */
  #end = 0

  constructor(ids: WireIds, { user, to, conversation, body }: { user: string; to: string; conversation: string; body: string }) {
    this.#ids = ids
    const before = '{"type":"send","clientMessageId":"'
    this.#idAt = before.length
    this.#send = Buffer.from(`${before}${'0'.repeat(ID_BYTES)}","to":${JSON.stringify(to)},"body":${JSON.stringify(body)}}`)
    this.#message = Buffer.from(`{"type":"message","conversation":"${conversation}","seq":`)
    const between = (sender: string, addressee: string) =>
      Buffer.from(`,"sender":${JSON.stringify(sender)},"to":${JSON.stringify(addressee)},"body":"`)
    this.#received = between(to, user)
    this.#echoed = between(user, to)
    this.#storedTail = Buffer.from(`","conversation":"${conversation}","seq":`)
  }

  /** The frame that sends a message, valid until the next call. */
  send(number: number, wallMs: number): Uint8Array {
    this.#ids.write(this.#send, this.#idAt, number, wallMs)
    return this.#send
  }

  /** Tells what a frame is; number and seq are then set, unless it is unknown. */
  recognise(bytes: Uint8Array, from: number, to: number): WireKind {
    if (same(bytes, from, this.#message)) return this.#asMessage(bytes, from, to)
    if (!same(bytes, from, STORED)) return 'unknown'
    const idAt = from + STORED.length
    if (!same(bytes, idAt + ID_BYTES, this.#storedTail)) return 'unknown'
    this.seq = this.#digits(bytes, idAt + ID_BYTES + this.#storedTail.length)
    if (bytes[this.#end] !== BRACE || this.#end + 1 !== to) return 'unknown'
    this.number = this.#ids.numberAt(bytes, idAt)
    return this.number < 0 ? 'unknown' : 'stored'
  }

  #asMessage(bytes: Uint8Array, from: number, to: number): WireKind {
    this.seq = this.#digits(bytes, from + this.#message.length)
    if (bytes[this.#end] !== COMMA) return 'unknown'
    const received = same(bytes, this.#end, this.#received)
    if (!received && !same(bytes, this.#end, this.#echoed)) return 'unknown'
    // From the end: the body is as long as it is.
    const sentMarkAt = to - 2 - SENT_AT_BYTES - SENT_MARK.length
    const idMarkAt = sentMarkAt - ID_BYTES - ID_MARK.length
    if (idMarkAt < this.#end || bytes[to - 1] !== BRACE || bytes[to - 2] !== QUOTE) return 'unknown'
    if (!same(bytes, sentMarkAt, SENT_MARK) || !same(bytes, idMarkAt, ID_MARK)) return 'unknown'
    this.number = this.#ids.numberAt(bytes, idMarkAt + ID_MARK.length)
    if (this.number < 0) return 'unknown'
    return received ? 'received' : 'echoed'
  }

  #digits(bytes: Uint8Array, from: number): number {
    let [at, value] = [from, 0]
    for (let digit = bytes[at]!; digit >= ZERO && digit <= NINE; digit = bytes[at]!) {
      value = value * 10 + digit - ZERO
      at += 1
    }
    this.#end = at
    return at === from ? NONE : value
  }
}

function same(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false
  return true
}
