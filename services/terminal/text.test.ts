import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableText } from './table.ts'
import { apart, clean, columnsOf, excerpt, fitted, padded, paragraph, wrap } from './text.ts'

describe('text of strangers', () => {
  test.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['clear screen, title, bell', '\u001b[2J\u001b]0;owned\u0007x\u0007', 'x'],
    ['a link', '\u001b]8;;http://evil\u0007click\u001b]8;;\u0007', 'click'],
    ['8-bit escapes', '\u009b31mred', 'red'],
    ['half an escape', 'a\u001b[', 'a['],
    ['carriage return', 'safe\rEVIL', 'safe\nEVIL'],
    ['backspace and null', 'a\u0008b\u0000c', 'abc'],
    ['direction override', 'abc\u202egnp.exe\u202c', 'abcgnp.exe'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['tabs and lines stay readable', 'a\tb\r\nc\u2028d', 'a  b\nc\nd'],
    ['ordinary text', 'Grüße, 世界 👩‍💻', 'Grüße, 世界 👩‍💻'],
  ])('%s', (_name, text, expected) => expect(clean(text)).toBe(expected))

  test('nothing that a terminal acts upon survives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
        expect(clean(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      }),
      { numRuns: 500 },
    )
  })
})

test.each([
  ['abc', 3],
  ['服务器繁忙,请稍后再试', 21],
  ['é', 1],
  ['e\u0301', 1],
  ['👩‍💻', 2],
  ['→ ✓ …', 5],
])('%s takes %i columns', (text, columns) => expect(columnsOf(text)).toBe(columns))

describe('wrapping', () => {
  test('breaks at spaces and hangs', () => {
    expect(wrap('12:00 bob: ', 'the quick brown fox jumps', 20, 6)).toEqual(['12:00 bob: the quick', '      brown fox', '      jumps'])
  })
  test('cuts what has no spaces', () => {
    expect(wrap('b: ', 'x'.repeat(40), 20, 2)).toEqual([`b: ${'x'.repeat(17)}`, `  ${'x'.repeat(18)}`, `  ${'x'.repeat(5)}`])
    expect(wrap('', '服务器繁忙请稍后再试请稍后', 16, 0)).toEqual(['服务器繁忙请稍后', '再试请稍后'])
  })
  test('keeps the lines of the text', () => {
    expect(wrap('b: ', 'one\n\ntwo', 20, 2)).toEqual(['b: one', '', '  two'])
  })
  test('no line is wider than the terminal, and no word is lost', () => {
    const words = fc.array(fc.oneof(fc.string({ minLength: 1, maxLength: 30 }), fc.constantFrom('世界', '服务器繁忙', 'a', '👩‍💻')), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 100 }), (list, columns) => {
        const text = clean(list.join(' '))
        const lines = wrap('12:00 bob: ', text, columns)
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(Math.max(columns, 16))
        const bare = (s: string) => s.replace(/\s/g, '')
        expect(bare(lines.join(''))).toBe(bare(`12:00 bob: ${text}`))
      }),
      { numRuns: 300 },
    )
  })
})

test('an excerpt is one line', () => {
  expect(excerpt('why\nis  it\u001b[31m so?', 20)).toBe('why is it so?')
  expect(excerpt('why is it so late again?', 10)).toBe('why is it…')
})

test('a paragraph keeps words whole where they fit; no words give no line', () => {
  expect(paragraph('one two\nthree four', 9)).toEqual(['one two', 'three', 'four'])
  expect(paragraph('one two', 12, '    ')).toEqual(['    one two'])
  expect(paragraph('abcdefghijklmnop', 10)).toEqual(['abcdefghij', 'klmnop'])
  expect(paragraph('one two', Number.POSITIVE_INFINITY)).toEqual(['one two'])
  expect(paragraph(' ', 10)).toEqual([])
})

test('filled and cut by what a terminal shows, colour not counted', () => {
  expect(padded('\x1b[31mab\x1b[39m', 4)).toBe('\x1b[31mab\x1b[39m  ')
  expect(padded('世界', 5, 'right')).toBe(' 世界')
  expect(['abc', 'abcdef', 'a世界', ''].map(text => fitted(text, 4))).toEqual(['abc ', 'abc…', 'a世…', '    '])
  expect([fitted('a', 0), fitted('世界', 3), apart('a', '世', 6)]).toEqual(['', '世…', 'a   世'])
})

describe('a table', () => {
  test('is as wide as its cells, and ends no line with spaces', () => {
    const rows = [
      ['part', 'up'],
      ['im-a', ''],
      ['世界', '100 s'],
    ]
    expect(tableText(rows)).toBe('part  up\nim-a\n世界  100 s')
    expect(tableText(rows, { figures: true })).toBe('part     up\nim-a\n世界  100 s')
  })
  test('breaks a column of short words below eight', () => {
    const text = tableText([['!!!!!!!!!', '!!!!!!!!!!', '! !! ! !'], ['']], { columns: 30 })
    expect(text.split('\n').map(columnsOf)).toEqual([29, 24, 0])
  })
  test('breaks its widest cells where there is no room; nothing is lost', () => {
    const cell = fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map(text => text.replace(/\s+/g, ' ').trim())
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(table, fc.integer({ min: 30, max: 120 }), (rows, columns) => {
        const text = tableText(rows, { columns })
        for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
        const bare = (all: string) => [...all.replace(/\s/g, '')].sort().join('')
        expect(bare(text)).toBe(bare(rows.flat().join('')))
      }),
      { numRuns: 200 },
    )
  })
})
