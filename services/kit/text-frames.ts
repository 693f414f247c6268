/** WebSocket text frames of a server (RFC 6455, section 5.2): whole, unmasked, uncompressed. */

/** Final fragment, text. */
const TEXT = 0x81
const LENGTH_16 = 126
const LENGTH_64 = 127
const SHORT_MAX = 125
const LENGTH_16_MAX = 0xffff

function headBytes(payloadBytes: number): number {
  return payloadBytes <= SHORT_MAX ? 2 : payloadBytes <= LENGTH_16_MAX ? 4 : 10
}

/** Bytes of the frame that carries a payload of this size. */
export function frameBytes(payloadBytes: number): number {
  return headBytes(payloadBytes) + payloadBytes
}

/** Writes a frame into a buffer with room for it. @returns where it ends */
export function writeFrame(into: Buffer, at: number, text: string, payloadBytes: number): number {
  into[at] = TEXT
  const head = headBytes(payloadBytes)
  if (head === 2) into[at + 1] = payloadBytes
  else if (head === 4) {
    into[at + 1] = LENGTH_16
    into.writeUInt16BE(payloadBytes, at + 2)
  } else {
    into[at + 1] = LENGTH_64
    into.writeBigUInt64BE(BigInt(payloadBytes), at + 2)
  }
  // One byte a character: what the text is made of, and then the shorter way.
  if (payloadBytes === text.length) into.write(text, at + head, 'latin1')
  else into.write(text, at + head)
  return at + head + payloadBytes
}

/** Where the payload of the frame at `at` begins and ends; undefined if no whole text frame in its
 *  shortest form stands there. */
function frameAt(bytes: Buffer, at: number): { from: number; to: number } | undefined {
  if (bytes.length - at < 2 || bytes[at] !== TEXT) return undefined
  let head = 2
  let length = bytes[at + 1]!
  if (length === LENGTH_16) {
    head = 4
    if (bytes.length - at < head) return undefined
    length = bytes.readUInt16BE(at + 2)
  } else if (length === LENGTH_64) {
    head = 10
    if (bytes.length - at < head) return undefined
    length = Number(bytes.readBigUInt64BE(at + 2))
  } else if (length > SHORT_MAX) return undefined // A mask bit: clients mask, servers do not.
  const to = at + head + length
  return headBytes(length) === head && to <= bytes.length ? { from: at + head, to } : undefined
}

/** How many whole text frames the bytes are; undefined if they are anything else. Other bytes would
 *  break a socket, so what another part sent is looked through before it is written. */
export function countFrames(bytes: Buffer): number | undefined {
  let count = 0
  for (let at = 0; at < bytes.length; count += 1) {
    const frame = frameAt(bytes, at)
    if (frame === undefined) return undefined
    at = frame.to
  }
  return count
}

/** The texts of whole text frames. */
export function* frameTexts(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const frame = frameAt(bytes, at)
    if (frame === undefined) throw new Error('expected whole text frames')
    yield bytes.toString('utf8', frame.from, frame.to)
    at = frame.to
  }
}
