import fc from 'fast-check'
import { expect, test } from 'vitest'
import { intArray, textArray, uuidArray } from './pg-arrays.ts'

/** As `array_recv` of Postgres reads it: dimensions, nulls, type, size, first index, elements. */
function read(bytes: Buffer): { type: number; elements: Buffer[] } {
  const [dimensions, nulls, type] = [0, 4, 8].map(at => bytes.readInt32BE(at))
  expect(nulls).toBe(0)
  if (dimensions === 0) {
    expect(bytes).toHaveLength(12)
    return { type: type!, elements: [] }
  }
  expect([dimensions, bytes.readInt32BE(16)]).toEqual([1, 1])
  const elements: Buffer[] = []
  let at = 20
  for (let i = 0; i < bytes.readInt32BE(12); i += 1) {
    const end = at + 4 + bytes.readInt32BE(at)
    elements.push(bytes.subarray(at + 4, end))
    at = end
  }
  expect(at).toBe(bytes.length)
  return { type: type!, elements }
}

test('texts, ids and numbers are read back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.uuid()), fc.array(fc.integer()), (texts, ids, numbers) => {
      expect(read(textArray(texts))).toEqual({ type: 25, elements: texts.map(text => Buffer.from(text)) })
      expect(read(uuidArray(ids))).toEqual({ type: 2950, elements: ids.map(id => Buffer.from(id.replaceAll('-', ''), 'hex')) })
      const { type, elements } = read(intArray(numbers))
      expect([type, elements.map(element => element.readInt32BE())]).toEqual([23, numbers])
    }),
  )
})

test.each([[''], ['6f1c1c5e'], ['6f1c1c5e-64ab-5d1c-9d58-0f5b2a7c1exx']])('%j is not an id', id => {
  expect(() => uuidArray([id])).toThrow('not a UUID')
})
