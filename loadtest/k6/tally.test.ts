import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Tally } from './tally.ts'
import { TaskBook } from './task-book.ts'

function book(fromMs = 0) {
  const counts: Record<string, number> = {}
  const times: Record<string, number[]> = {}
  const tally = new Tally(1, fromMs, {
    count: (metric, by) => {
      counts[metric] = (counts[metric] ?? 0) + by
    },
    time: (metric, ms) => {
      times[metric] = [...(times[metric] ?? []), ms]
    },
  })
  return { tally, counts, times }
}

/** Ten messages, all well; one step left out or done twice. */
function told(steps: Partial<Record<'store' | 'show' | 'again' | 'refuse', number>>) {
  const { tally, counts, times } = book()
  for (let n = 0; n < 10; n += 1) {
    tally.sent(`m${n}`, n, n)
    if (steps.refuse === n) tally.refused(`m${n}`, n + 1)
    else if (steps.store !== n) tally.stored(`m${n}`, n + 1)
    if (steps.show !== n && steps.refuse !== n) tally.shown(`m${n}`, n + 2)
    if (steps.again === n) tally.shown(`m${n}`, n + 3)
  }
  return { lost: tally.end(), counts, times, unsettled: tally.unsettled }
}

describe('the result of each send', () => {
  test('a good run raises no alarm', () => {
    const { lost, counts, times, unsettled } = told({})
    expect({ lost, unsettled }).toEqual({ lost: [], unsettled: 0 })
    expect(counts).toMatchObject({ offered: 10, lost: 0, duplicates: 0, phantoms: 0, unanswered: 0, refused: 0, disconnected: 0 })
    expect(times).toMatchObject({ stored: Array(10).fill(1), seen: Array(10).fill(2), late: Array(10).fill(0) })
  })

  test('confirmed and never shown is lost, by name', () => {
    const { lost, counts } = told({ show: 3 })
    expect(lost).toEqual(['m3'])
    expect(counts['lost']).toBe(1)
  })

  test('shown twice is a duplicate', () => expect(told({ again: 4 }).counts).toMatchObject({ duplicates: 1, lost: 0 }))

  test('never confirmed is unanswered, even if it was shown', () => {
    expect(told({ store: 5 }).counts).toMatchObject({ unanswered: 1, lost: 0 })
  })

  test('a refusal is not a loss', () => {
    expect(told({ refuse: 6 })).toMatchObject({ counts: { refused: 1, lost: 0, unanswered: 0 }, unsettled: 0 })
  })

  test('shown and never sent is a phantom', () => {
    const { tally, counts } = book()
    tally.shown('x', 1)
    expect(counts['phantoms']).toBe(1)
  })

  test('the warm-up is judged, without latencies and seconds', () => {
    const { tally, counts, times } = book(1_000)
    tally.sent('warm', 900, 900)
    tally.stored('warm', 1_100)
    expect(tally.end()).toEqual(['warm'])
    expect(times).toEqual({})
    expect(counts).toMatchObject({ offered: 0, lost: 1 })
    expect(tally.takeSeconds(2_000)).toMatchObject([{ offered: 0, stored: 0 }])
  })
})

test('the seconds add up to the whole, each told once, whenever they are asked for', () => {
  const event = fc.record({ gapMs: fc.integer({ min: 0, max: 700 }), tookMs: fc.integer({ min: 0, max: 2_500 }), tell: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), events => {
      const { tally, times } = book()
      const due = events.map((_, n) => events.slice(0, n).reduce((sum, { gapMs }) => sum + gapMs, 0))
      const steps = events.flatMap(({ tookMs, tell }, n) => {
        const sentMs = due[n] ?? 0
        const ended = () => {
          tally.stored(`m${n}`, sentMs + tookMs)
          tally.shown(`m${n}`, sentMs + tookMs)
        }
        const steps = [
          { atMs: sentMs, act: () => tally.sent(`m${n}`, sentMs, sentMs) },
          { atMs: sentMs + tookMs, act: ended },
        ]
        return tell ? [...steps, { atMs: sentMs, act: () => void parts.push(...tally.takeSeconds(sentMs)) }] : steps
      })
      const parts: ReturnType<Tally['takeSeconds']> = []
      for (const { act } of steps.toSorted((a, b) => a.atMs - b.atMs)) act()
      parts.push(...tally.takeSeconds((due.at(-1) ?? 0) + 5_000))
      expect(parts.map(({ second }) => second)).toEqual(parts.map((_, n) => n))
      const sum = (key: 'offered' | 'stored' | 'delivered') => parts.reduce((total, part) => total + part[key], 0)
      expect([sum('offered'), sum('stored'), sum('delivered')]).toEqual(Array(3).fill(events.length))
      expect(parts.flatMap(({ latenciesMs }) => latenciesMs)).toHaveLength((times['seen'] ?? []).length)
    }),
  )
})

describe('tasks and their prompts', () => {
  test('an answer that overtakes the confirmation keeps its own time', () => {
    const { tally, times } = book()
    const tasks = new TaskBook(tally)
    tally.sent('p', 0, 0)
    tasks.begun('t', 5)
    tasks.answered('t', 8, true)
    tasks.stored('p', 't', 20)
    expect(times).toMatchObject({ ttft: [5], seen: [8], stored: [20] })
    expect(tally.end()).toEqual([])
  })

  test('an answer without pieces is its own beginning; a second answer is a duplicate', () => {
    const { tally, times, counts } = book()
    const tasks = new TaskBook(tally)
    tally.sent('p', 0, 0)
    tasks.stored('p', 't', 1)
    tasks.answered('t', 9, true)
    tasks.answered('t', 10, true)
    expect(times).toMatchObject({ ttft: [9], seen: [9] })
    expect(counts['duplicates']).toBe(1)
  })

  test('an apology counts, without a latency', () => {
    const { tally, times, counts } = book()
    const tasks = new TaskBook(tally)
    tally.sent('p', 0, 0)
    tasks.stored('p', 't', 1)
    tasks.answered('t', 9, false)
    expect(tally.end()).toEqual([])
    expect(counts).toMatchObject({ apologies: 1, lost: 0 })
    expect(times['seen']).toBeUndefined()
    expect(tally.takeSeconds(1_000)).toMatchObject([{ delivered: 0, failed: 1 }])
  })
})
