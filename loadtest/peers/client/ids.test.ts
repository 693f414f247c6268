import { expect, test } from 'vitest'
import { ID_LENGTH, numberOf, writeId } from './ids.ts'

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
