import { expect, test } from 'vitest'
import { padded, wrapped } from './columns.ts'

test('words are kept whole where they fit', () => {
  expect(wrapped('one two three four', 9)).toEqual(['one two', 'three', 'four'])
  expect(wrapped('one two', 12, '    ')).toEqual(['    one two'])
  expect(wrapped('abcdefghijklmnop', 10)).toEqual(['abcdefghij', 'klmnop'])
  expect(wrapped('', 10)).toEqual([])
})

test('colour takes no room', () => {
  expect(padded('\x1b[31mab\x1b[39m', 4)).toBe('\x1b[31mab\x1b[39m  ')
  expect(padded('ab', 4, 'right')).toBe('  ab')
})
