import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conversationId, taskId } from '#contracts/ids'
import { Answers } from './answers.ts'

const conversation = conversationId('ann', 'URobot')
const task = taskId(conversation, 1)
const piece = (attempt: number, offset: number, text: string) => ({ type: 'partial' as const, conversation, task, attempt, offset, text })

describe('the pieces of an answer', () => {
  test('grow', () => {
    const answers = new Answers()
    expect(answers.accept(piece(1, 0, 'Hel'))).toMatchObject({ text: 'Hel', added: 'Hel', cleared: false })
    expect(answers.accept(piece(1, 3, 'lo'))).toMatchObject({ text: 'Hello', added: 'lo' })
  })

  test('a higher attempt clears what the lower one showed', () => {
    const answers = new Answers()
    answers.accept(piece(1, 0, 'old text'))
    expect(answers.accept(piece(2, 0, 'new'))).toMatchObject({ text: 'new', cleared: true, attempt: 2 })
    expect(answers.accept(piece(1, 8, ' more'))).toBeUndefined()
    expect(answers.accept(piece(1, 3, ' fits, but is old'))).toBeUndefined()
    expect(answers.text(task)).toBe('new')
  })

  test('a higher attempt whose first piece is missing still clears', () => {
    const answers = new Answers()
    answers.accept(piece(1, 0, 'old'))
    expect(answers.accept(piece(2, 5, 'late'))).toMatchObject({ text: '', cleared: true })
  })

  test('behind a hole they wait, repeated they are ignored, overlapping they are cut', () => {
    const answers = new Answers()
    expect(answers.accept(piece(1, 2, 'c'))).toBeUndefined()
    expect(answers.accept(piece(1, 0, 'ab'))).toMatchObject({ text: 'abc', added: 'abc' })
    expect(answers.accept(piece(1, 0, 'ab'))).toBeUndefined()
    expect(answers.accept(piece(1, 1, 'bcd'))).toMatchObject({ text: 'abcd', added: 'd' })
  })

  test('count no more once the answer is shown', () => {
    const answers = new Answers()
    answers.accept(piece(1, 0, 'a'))
    answers.end(task)
    expect(answers.accept(piece(1, 1, 'b'))).toBeUndefined()
    expect(answers.text(task)).toBe('')
  })

  test('in any order, with repetitions, they give the text; with losses a prefix of it', () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(words, fc.infiniteStream(fc.nat()), fc.boolean(), (pieces, draw, lossy) => {
        const whole = pieces.join('')
        const frames = pieces.map((text, i) => piece(1, pieces.slice(0, i).join('').length, text))
        const arriving = [...frames, ...frames.slice(0, 5)]
          .map(frame => ({ frame, at: draw.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .filter(({ at }) => !lossy || at % 3 !== 0)
        const answers = new Answers()
        let streamed = ''
        for (const { frame } of arriving) streamed += answers.accept(frame)?.added ?? ''
        expect(streamed).toBe(answers.text(task))
        if (lossy) expect(whole.startsWith(streamed)).toBe(true)
        else expect(streamed).toBe(whole)
      }),
    )
  })
})
