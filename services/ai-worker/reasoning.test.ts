import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { articleAnswer, ReasoningFilter } from './reasoning.ts'

function filtered(pieces: string[], apart = false): string {
  const filter = new ReasoningFilter(apart)
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
    ['an answer that speaks of the closing marker', 'Close it with </think> and go on.', 'Close it with </think> and go on.'],
    ['closing marker only, and nothing behind it', 'hm, well</think>', ''],
    ['spoken of, then meant', 'is it </think> or not\n</think>\nHi', 'Hi'],
    ['closed twice', '<think>a</think>\n</think>\n\nHi', 'Hi'],
    ['begun anew', '<think>a</think>\n<think>b</think>\n\nHi', 'Hi'],
    ['nested', '<think>a<think>b</think>c</think>Hi', 'Hi'],
    ['reasoning that speaks of its opening marker', '<think>what does <think> mean?</think>Hi', 'Hi'],
    ['another spelling', '<thinking>hm</thinking>\nHi', 'Hi'],
    ['brackets', '[THINK]hm[/THINK]Hi', 'Hi'],
    ['nothing', '', ''],
  ])('%s', (_what, content, expected) => expect(filtered([content])).toBe(expected))

  test.each([
    ['Close it with </think> and go on.', 'Close it with </think> and go on.'],
    ['<think>it stands inline all the same</think>Hi', 'Hi'],
  ])('where the server keeps reasoning apart: %s', (content, expected) => expect(filtered([content], true)).toBe(expected))

  test('after reasoning in its own field, all content is the answer', () => {
    const filter = new ReasoningFilter(false)
    filter.standsApart()
    filter.push('<think> opens it, </think>')
    filter.push(' closes it.')
    expect(filter.end()).toBe('<think> opens it, </think> closes it.')
  })

  test('long reasoning in small pieces costs no time', () => {
    const filter = new ReasoningFilter(false)
    filter.push('<think>')
    for (let i = 0; i < 200_000; i += 1) filter.push('hm ')
    filter.push('</think>Hi')
    expect(filter.end()).toBe('Hi')
  })

  test('is the same in whatever pieces it comes', () => {
    const content = fc
      .array(fc.constantFrom('<think>', '</think>', '\n\n', 'word ', '<', 'think', '/', '<thinking>', '</thinking>', 'ing>'), {
        maxLength: 12,
      })
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

  test('text shown before a lone closing marker is void', () => {
    const filter = new ReasoningFilter(false)
    filter.push('let me see ')
    expect(filter.text).toBe('let me see ')
    filter.push('</think>\n\nHi')
    expect([filter.text, filter.voided]).toEqual(['Hi', true])
  })
})

test('the article finds no answer without its marker', () => {
  expect(articleAnswer('Hello.')).toBeNull()
  expect(articleAnswer('<think>x</think>\n\nHello.')).toBe('Hello.')
})
