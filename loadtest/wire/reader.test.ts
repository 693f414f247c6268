import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameWriter, OPCODE } from './frames.ts'
import { FrameReader, WireError } from './reader.ts'

/** A frame as a server sends it. */
function frame(payload: Buffer, opcode: number = OPCODE.text, last = true): Buffer {
  const { length } = payload
  const head = Buffer.alloc(10)
  head[0] = (last ? 0x80 : 0) | opcode
  if (length < 126) head[1] = length
  else if (length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head.subarray(0, length < 126 ? 2 : length < 65_536 ? 4 : 10), payload])
}

function readAll(pieces: readonly Buffer[], maxBytes = 1 << 20): { opcode: number; text: string }[] {
  const seen: { opcode: number; text: string }[] = []
  const reader = new FrameReader(maxBytes, (opcode, bytes, from, to) => seen.push({ opcode, text: bytes.toString('latin1', from, to) }))
  // As a socket does: the same buffer for each read.
  const shared = Buffer.alloc(1 << 20)
  for (const piece of pieces) {
    shared.fill(0xee)
    piece.copy(shared)
    reader.read(shared.subarray(0, piece.length))
  }
  return seen
}

test('frames in any pieces: each arrives once, whole, in order', () => {
  const length = fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(65_535, 65_536, 70_000))
  fc.assert(
    fc.property(fc.array(length, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 20 }), (lengths, cuts) => {
      const texts = lengths.map((bytes, n) => String.fromCharCode(97 + n).repeat(bytes))
      const stream = Buffer.concat(texts.map(text => frame(Buffer.from(text))))
      const at = [0, ...cuts.map(cut => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
      const pieces = at.slice(1).map((end, n) => stream.subarray(at[n], end))
      expect(readAll(pieces).map(({ text }) => text)).toEqual(texts)
    }),
    { numRuns: 60 },
  )
})

test('a frame cut at each of its bytes', () => {
  const stream = Buffer.concat([frame(Buffer.from('a'.repeat(300))), frame(Buffer.from('b'))])
  for (let cut = 0; cut <= stream.length; cut += 1)
    expect(readAll([stream.subarray(0, cut), stream.subarray(cut)])).toEqual([
      { opcode: 1, text: 'a'.repeat(300) },
      { opcode: 1, text: 'b' },
    ])
})

test('fragments are one message; a ping between them comes first', () => {
  const seen = readAll([
    frame(Buffer.from('one '), OPCODE.text, false),
    frame(Buffer.from('!'), OPCODE.ping),
    frame(Buffer.from('two'), OPCODE.more),
    frame(Buffer.from('three')),
  ])
  expect(seen.map(({ opcode, text }) => `${opcode} ${text}`)).toEqual(['9 !', '1 one two', '1 three'])
})

test('garbage is an error and no message', () => {
  const bad: [string, Buffer[]][] = [
    ['reserved bits', [Buffer.from([0xc1, 0])]],
    ['masked', [Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])]],
    ['an unknown frame', [Buffer.from([0x83, 0])]],
    ['an unknown control frame', [Buffer.from([0x8b, 0])]],
    ['a long control frame', [frame(Buffer.alloc(126), OPCODE.ping)]],
    ['a control frame in fragments', [frame(Buffer.alloc(1), OPCODE.ping, false)]],
    ['a continuation of nothing', [frame(Buffer.from('x'), OPCODE.more)]],
    ['a message within a message', [frame(Buffer.from('x'), OPCODE.text, false), frame(Buffer.from('y'))]],
    ['too long', [frame(Buffer.alloc(101))]],
    ['too long in fragments', [frame(Buffer.alloc(60), OPCODE.text, false), frame(Buffer.alloc(60), OPCODE.more)]],
  ]
  for (const [what, pieces] of bad) expect(() => readAll(pieces, what.startsWith('too long') ? 100 : 1_000), what).toThrow(WireError)
})

test('client frames: masked anew each time, and the same text once unmasked', () => {
  const writer = new FrameWriter()
  const masks = new Set<string>()
  for (const length of [0, 1, 3, 125, 126, 127, 300, 65_535, 65_536, 300_000]) {
    const payload = Buffer.alloc(length, 'payload!')
    writer.add(payload)
    writer.add(payload)
    const bytes = Buffer.from(writer.take())
    const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
    const size = head + 4 + length
    expect(bytes.length).toBe(2 * size)
    for (const own of [bytes.subarray(0, size), bytes.subarray(size)]) {
      expect([own[0], own[1]! >> 7]).toEqual([0x81, 1])
      const mask = own.subarray(head, head + 4)
      masks.add(mask.toString('hex'))
      expect(Buffer.from(own.subarray(head + 4).map((byte, i) => byte ^ mask[i & 3]!)).equals(payload)).toBe(true)
    }
  }
  expect(masks.size).toBeGreaterThan(15)
})
