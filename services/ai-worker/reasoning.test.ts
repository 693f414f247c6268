import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { articleAnswer, ReasoningFilter } from './reasoning.ts'

function filtered(pieces: string[]): string {
  const filter = new ReasoningFilter()
  for (const piece of pieces) filter.push(piece)
  return filter.end()
}

describe('an answer, however its reasoning is marked', () => {
  test.each([
    ['no marker', 'Hello there.', 'Hello there.'],
    ['marker and blank line', '<think>\nhm\n</think>\n\nHello.', 'Hello.'],
    ['space before the marker', '\n <think>hm</think> Hello.', 'Hello.'],
    ['closing marker only', 'hm, well\n</think>\n\nHello.', 'Hello.'],
    ['reasoning that never ends', '<think>hm', ''],
    ['empty reasoning', '<think></think>Hello.', 'Hello.'],
    ['a comparison sign', 'a < b and b </ c', 'a < b and b </ c'],
    ['an opening marker in mid-sentence is text', 'The tag <think> is odd', 'The tag <think> is odd'],
    ['an answer that speaks of markers', '<think>x</think>It ends with </think>, see', 'It ends with </think>, see'],
    ['nothing', '', ''],
  ])('%s', (_what, content, expected) => expect(filtered([content])).toBe(expected))

  test('is the same in whatever pieces it comes', () => {
    const content = fc
      .array(fc.constantFrom('<think>', '</think>', '\n\n', 'word ', '<', 'think', '/'), { maxLength: 12 })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(content, fc.array(fc.nat(20), { maxLength: 20 }), (text, cuts) => {
        const pieces: string[] = []
        let rest = text
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        expect(filtered([...pieces, rest])).toBe(filtered([text]))
      }),
    )
  })

  test('what was shown before a lone closing marker is void', () => {
    const filter = new ReasoningFilter()
    filter.push('let me see ')
    expect(filter.text).toBe('let me see ')
    filter.push('</think>\n\nHi')
    expect([filter.text, filter.voided]).toEqual(['Hi', true])
  })
})

test("the article's way takes an answer without its marker for none", () => {
  expect(articleAnswer('Hello.')).toBeNull()
  expect(articleAnswer('<think>x</think>\n\nHello.')).toBe('Hello.')
})
