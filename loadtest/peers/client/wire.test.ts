import { expect, test } from 'vitest'
import { ID_LENGTH, numberOf, writeId } from './ids.ts'
import { alignedPayload, FrameReader, maskedFrame, OPCODE, shortFrame } from './wire.ts'

/** By RFC 6455, section 5.3, byte for byte. */
function unmasked(frame: Uint8Array): string {
  const length = frame[1]! & 0x7f
  const at = length === 126 ? 4 : 2
  const mask = frame.subarray(at, at + 4)
  return Buffer.from(frame.subarray(at + 4).map((byte, i) => byte ^ mask[i & 3]!)).toString()
}

test('a masked frame says its length and hides its text under a mask of its own', () => {
  for (const length of [126, 127, 128, 129, 330, 4_000]) {
    const text = 'ü'.padEnd(length - 1, 'abcdefg')
    const [one, other] = [maskedFrame(alignedPayload(text)), maskedFrame(alignedPayload(text))]
    expect(unmasked(one)).toBe(text)
    expect(unmasked(other)).toBe(text)
    expect(one.subarray(4, 8)).not.toEqual(other.subarray(4, 8))
    expect(((one[2] ?? 0) << 8) | (one[3] ?? 0)).toBe(length)
  }
})

test('a short frame is masked too', () => {
  expect(unmasked(shortFrame('3'))).toBe('3')
  expect(unmasked(shortFrame('x'.repeat(200)))).toBe('x'.repeat(200))
  expect(shortFrame('', OPCODE.pong)[0]).toBe(0x8a)
})

test.each([
  { length: 300, steps: [1, 3, 7] },
  { length: 70_000, steps: [1_000, 80_000] },
])('frames of up to $length bytes are found wherever their pieces are cut', ({ length, steps }) => {
  const texts = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(length), '']
  const bytes = Buffer.concat(
    texts.map(text => {
      const { length } = text
      const head = length < 126 ? Buffer.from([0x81, length]) : Buffer.alloc(length < 65_536 ? 4 : 10, 0)
      if (length >= 126) {
        head[0] = 0x81
        head[1] = length < 65_536 ? 126 : 127
        if (length < 65_536) head.writeUInt16BE(length, 2)
        else head.writeBigUInt64BE(BigInt(length), 2)
      }
      return Buffer.concat([head, Buffer.from(text)])
    }),
  )
  for (const step of steps) {
    const seen: string[] = []
    const reader = new FrameReader((opcode, chunk, from, to) => {
      expect(opcode).toBe(OPCODE.text)
      seen.push(chunk.toString('utf8', from, to))
    })
    for (let at = 0; at < bytes.length; at += step) reader.read(bytes.subarray(at, at + step))
    expect(seen).toEqual(texts)
  }
})

test('an id is a UUID of version 7 that sorts by time and carries its number', () => {
  const written = (number: number, atMs: number) => {
    const buffer = Buffer.alloc(ID_LENGTH + 4)
    writeId(buffer, 2, number, atMs)
    expect(numberOf(buffer, 2)).toBe(number)
    return buffer.toString('latin1', 2, 2 + ID_LENGTH)
  }
  const ids = [written(0, 1_700_000_000_000), written(1, 1_700_000_000_000), written(0xfffffffe, 1_700_000_000_001)]
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.toSorted()).toEqual(ids)
})
