import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countFrames, frameBytes, frameTexts, writeFrame } from './text-frames.ts'

function framesOf(texts: readonly string[]): Buffer {
  const sizes = texts.map(text => Buffer.byteLength(text))
  const bytes = Buffer.alloc(sizes.reduce((sum, size) => sum + frameBytes(size), 0))
  let at = 0
  for (const [i, text] of texts.entries()) at = writeFrame(bytes, at, text, sizes[i]!)
  expect(at).toBe(bytes.length)
  return bytes
}

test('frames of any texts are counted and read back', () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 120, maxLength: 130 })), { maxLength: 6 })
  fc.assert(
    fc.property(texts, some => {
      const bytes = framesOf(some)
      expect(countFrames(bytes)).toBe(some.length)
      expect([...frameTexts(bytes)]).toEqual(some)
    }),
  )
})

test.each([[0], [125], [126], [65_535], [65_536], [70_000]])('a payload of %i bytes has the shortest length form', bytes => {
  for (const text of ['x'.repeat(bytes), 'é'.repeat(bytes / 2)]) {
    const frame = framesOf([text])
    expect([...frameTexts(frame)]).toEqual([text])
  }
})

test('bytes that are anything else than whole text frames are not counted', () => {
  const whole = framesOf(['one', 'x'.repeat(200)])
  for (let end = 0; end < whole.length; end += 1)
    expect(countFrames(whole.subarray(0, end))).toBe([0, 5].includes(end) ? end / 5 : undefined)
  const first = (...bytes: number[]) => Buffer.from([...bytes, ...whole.subarray(bytes.length)])
  for (const [what, bytes] of [
    ['binary', first(0x82)],
    ['a fragment', first(0x01)],
    ['compressed', first(0xc1)],
    ['a close frame', first(0x88)],
    ['masked', first(0x81, 0x83)],
    ['a longer form than needed', Buffer.from([0x81, 126, 0, 1, 65])],
  ] as const)
    expect(countFrames(bytes), what).toBeUndefined()
})

test('any bytes are counted or refused, and never read beyond their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const count = countFrames(Buffer.from(bytes))
      if (count !== undefined) expect([...frameTexts(Buffer.from(bytes))]).toHaveLength(count)
    }),
  )
})
