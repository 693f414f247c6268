/** AMQP 0-9-1 on its way through a link: frames, and what of a method shows how a worker behaves.
 *  https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf */

export const FRAME = { method: 1, header: 2, body: 3, heartbeat: 8 } as const

export interface Frame {
  type: number
  channel: number
  /** Of the chunk itself where the frame came whole: what is written there goes on. */
  payload: Buffer
}

const HEAD_BYTES = 7
/** `AMQP` and the version, before a client's first frame. */
const GREETING_BYTES = 8

/** Cuts one direction of a connection into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  #skipBytes: number

  constructor(from: 'client' | 'server') {
    this.#skipBytes = from === 'client' ? GREETING_BYTES : 0
  }

  push(chunk: Buffer): Frame[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    const skipped = Math.min(this.#skipBytes, bytes.length)
    this.#skipBytes -= skipped
    bytes = bytes.subarray(skipped)
    while (bytes.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + bytes.readUInt32BE(3)
      if (bytes.length < end + 1) break
      frames.push({ type: bytes.readUInt8(0), channel: bytes.readUInt16BE(1), payload: bytes.subarray(HEAD_BYTES, end) })
      bytes = bytes.subarray(end + 1)
    }
    this.#rest = bytes
    return frames
  }
}

export type Method =
  | { name: 'tune' }
  | { name: 'tune-ok'; heartbeatSeconds: number }
  | { name: 'close'; code: number; text: string }
  | { name: 'consume' | 'get'; automatic: boolean }
  | { name: 'deliver'; tag: number; redelivered: boolean }
  | { name: 'publish'; exchange: string; key: string }
  | { name: 'ack'; tag: number; multiple: boolean }
  | { name: 'nack'; tag: number; multiple: boolean; requeue: boolean }
  | { name: 'reject'; tag: number; requeue: boolean }
  | { name: 'confirm-select' | 'tx-select' | 'commit-ok' | 'other' }

/** Reads fields one after the other. */
class Fields {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  skip(bytes: number): this {
    this.#at += bytes
    return this
  }

  number(bytes: 1 | 2 | 4): number {
    this.#at += bytes
    return this.#bytes.readUIntBE(this.#at - bytes, bytes)
  }

  /** A delivery tag. */
  long(): number {
    this.#at += 8
    return Number(this.#bytes.readBigUInt64BE(this.#at - 8))
  }

  text(): string {
    const length = this.number(1)
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }
}

const bit = (bits: number, place: number) => (bits & (1 << place)) !== 0

export function methodOf(payload: Buffer): Method {
  const fields = new Fields(payload, 4)
  switch (`${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`) {
    case '10.30':
      return { name: 'tune' }
    case '10.31':
      return { name: 'tune-ok', heartbeatSeconds: fields.skip(6).number(2) }
    case '10.50':
    case '20.40':
      return { name: 'close', code: fields.number(2), text: fields.text() }
    case '60.20': {
      fields.skip(2).text()
      fields.text()
      return { name: 'consume', automatic: bit(fields.number(1), 1) }
    }
    case '60.70': {
      fields.skip(2).text()
      return { name: 'get', automatic: bit(fields.number(1), 0) }
    }
    case '60.60':
      fields.text()
      return { name: 'deliver', tag: fields.long(), redelivered: fields.number(1) === 1 }
    case '60.71':
      return { name: 'deliver', tag: fields.long(), redelivered: fields.number(1) === 1 }
    case '60.40':
      return { name: 'publish', exchange: fields.skip(2).text(), key: fields.text() }
    case '60.80':
      return { name: 'ack', tag: fields.long(), multiple: bit(fields.number(1), 0) }
    case '60.90':
      return { name: 'reject', tag: fields.long(), requeue: bit(fields.number(1), 0) }
    case '60.120': {
      const [tag, bits] = [fields.long(), fields.number(1)]
      return { name: 'nack', tag, multiple: bit(bits, 0), requeue: bit(bits, 1) }
    }
    case '85.10':
      return { name: 'confirm-select' }
    case '90.10':
      return { name: 'tx-select' }
    case '90.21':
      return { name: 'commit-ok' }
    default:
      return { name: 'other' }
  }
}

/** Another heartbeat in the server's `tune`, which clients take where they name none lower. */
export function proposeHeartbeat(payload: Buffer, seconds: number): void {
  payload.writeUInt16BE(seconds, payload.length - 2)
}

/** Of a content header: the size of its body, and the property message-id. */
export function headerOf(payload: Buffer): { bodyBytes: number; messageId: string } {
  const bodyBytes = Number(payload.readBigUInt64BE(4))
  const flags = payload.readUInt16BE(12)
  const fields = new Fields(payload, 14)
  const has = (place: number) => bit(flags, place)
  // In the order of the specification: content type and encoding, headers, delivery mode …
  if (has(15)) fields.text()
  if (has(14)) fields.text()
  if (has(13)) fields.skip(fields.number(4))
  if (has(12)) fields.skip(1)
  if (has(11)) fields.skip(1)
  for (const place of [10, 9, 8]) if (has(place)) fields.text()
  return { bodyBytes, messageId: has(7) ? fields.text() : '' }
}
