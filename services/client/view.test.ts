import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MessageFrame } from '#contracts/frames'
import { conversationId } from '#contracts/ids'
import { View } from './view.ts'

const TIMING = { gapMs: 100, gapAgainMs: 1_000 }
const AB = conversationId('ann', 'bob')

function message(seq: number, conversation = AB): MessageFrame {
  const clientMessageId = `00000000-0000-4000-8000-${String(seq).padStart(12, '0')}`
  return { type: 'message', conversation, seq, sender: 'bob', to: 'ann', body: `m${seq}`, clientMessageId, sentAt: '2026-01-01T00:00:00Z' }
}
const seqs = (frames: MessageFrame[]) => frames.map(frame => frame.seq)

describe('a view', () => {
  test('shows in order and holds back what comes early', () => {
    const view = new View(TIMING)
    expect(seqs(view.accept(message(1), 0))).toEqual([1])
    expect(seqs(view.accept(message(3), 0))).toEqual([])
    expect(view.state(AB)).toEqual({ cursor: 1, head: 3, held: [3] })
    expect(seqs(view.accept(message(2), 10))).toEqual([2, 3])
    expect(view.atHead).toBe(true)
  })

  test('drops a seq that is shown or held, and counts it', () => {
    const view = new View(TIMING)
    for (const seq of [1, 1, 3, 3]) view.accept(message(seq), 0)
    expect(view.rawDuplicates).toBe(2)
  })

  test('asks for a hole after 100 ms, then again with growing patience', () => {
    const view = new View(TIMING)
    view.accept(message(2), 0)
    expect(view.due(99)).toEqual([])
    expect(view.nextDueAtMs()).toBe(100)
    expect(view.due(100)).toEqual([{ conversation: AB, cursor: 0 }])
    expect(view.due(1_099)).toEqual([])
    expect(view.due(1_100)).toHaveLength(1)
    expect(view.nextDueAtMs()).toBe(3_100)
    expect(view.gapsAsked).toBe(2)
  })

  test('does not ask for a hole that fills without asking', () => {
    const view = new View(TIMING)
    view.accept(message(2), 0)
    view.accept(message(1), 50)
    expect(view.nextDueAtMs()).toBeUndefined()
    expect(view.due(10_000)).toEqual([])
  })

  test('tells of a repaired hole how much was missing and how long', () => {
    const view = new View(TIMING)
    const repairs: unknown[] = []
    view.accept(message(4), 0)
    view.due(100)
    for (const seq of [1, 2, 3]) view.accept(message(seq), 130, repair => repairs.push(repair))
    expect(repairs).toEqual([{ conversation: AB, messages: 3, tookMs: 130 }])
  })

  test('takes a head beyond its cursor as a hole, one that is not as nothing', () => {
    const view = new View(TIMING, { [AB]: 5 })
    view.heads({ [AB]: 5 }, 0)
    expect(view.atHead).toBe(true)
    view.heads({ [AB]: 7 }, 0)
    expect(view.due(100)).toEqual([{ conversation: AB, cursor: 5 }])
  })

  test('asks for the next page at once, but not for ever when pages bring nothing', () => {
    const view = new View(TIMING)
    view.resumed(0)
    view.accept(message(1), 1)
    view.more(AB, 9, 1)
    expect(view.due(1)).toEqual([{ conversation: AB, cursor: 1 }])
    view.more(AB, 9, 2) // an empty page
    expect(view.due(2)).toEqual([])
    expect(view.due(1_001)).toHaveLength(1)
  })

  test('does not ask apart for holes that the running resume will fill', () => {
    const view = new View(TIMING)
    view.resumed(0)
    view.accept(message(9), 10) // live, while older ones are on their way
    expect(view.due(110)).toEqual([])
    view.heads({ [AB]: 9 }, 200) // the resume is over, the hole is not
    expect(view.due(300)).toHaveLength(1)
  })

  test('shows as it arrives for a naive client, and counts what is out of order', () => {
    const view = new View(TIMING)
    view.asItArrives = true
    expect(seqs([2, 1, 1].flatMap(seq => view.accept(message(seq), 0)))).toEqual([2, 1, 1])
    expect(view.inversions).toBe(2)
    expect(view.nextDueAtMs()).toBeUndefined()
  })

  test('shows the design article, which has no sequence, as it arrives', () => {
    const view = new View(TIMING)
    expect(seqs([0, 0].flatMap(seq => view.accept(message(seq), 0)))).toEqual([0, 0])
  })

  test('any loss, repetition and reordering ends in the exact sequence', () => {
    const arrivals = fc.record({
      sent: fc.integer({ min: 1, max: 30 }),
      arriving: fc.array(
        fc.record({
          conversation: fc.integer({ min: 0, max: 2 }),
          seq: fc.integer({ min: 1, max: 30 }),
          gapMs: fc.integer({ min: 0, max: 400 }),
        }),
      ),
      page: fc.integer({ min: 1, max: 7 }),
      loseAnswers: fc.array(fc.boolean(), { maxLength: 6 }),
    })
    fc.assert(
      fc.property(arrivals, ({ sent, arriving, page, loseAnswers }) => {
        const view = new View(TIMING)
        const ids = [0, 1, 2].map(n => conversationId('ann', `user${n}`))
        const shown = new Map(ids.map(id => [id, [] as number[]]))
        const accept = (frame: MessageFrame, nowMs: number) => {
          for (const { conversation, seq } of view.accept(frame, nowMs)) shown.get(conversation)?.push(seq)
        }
        let nowMs = 0
        let asks = 0
        const answer = () => {
          for (const { conversation, cursor } of view.due(nowMs)) {
            if (loseAnswers[asks++]) continue // the node died over it
            for (let seq = cursor + 1; seq <= Math.min(sent, cursor + page); seq += 1) accept(message(seq, conversation), nowMs)
            if (cursor + page < sent) view.more(conversation, sent, nowMs)
          }
        }
        for (const { conversation, seq, gapMs } of arriving) {
          nowMs += gapMs
          if (seq <= sent) accept(message(seq, ids[conversation]), nowMs)
          answer()
        }
        view.heads(Object.fromEntries(ids.map(id => [id, sent])), nowMs)
        for (let rounds = 0; !view.atHead && rounds < 500; rounds += 1) {
          nowMs = Math.max(nowMs, view.nextDueAtMs() ?? nowMs)
          answer()
        }
        const expected = Array.from({ length: sent }, (_, i) => i + 1)
        for (const id of ids) expect(shown.get(id)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})
