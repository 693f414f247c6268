import { describe, expect, test } from 'vitest'
import { Uuid } from '#contracts/ids'
import { Book, messageId } from './book.ts'
import { settingsFromEnv, settingsToEnv } from './settings.ts'

type Step = (book: Book) => void
const stored: Step = book => book.stored('m', 15, 'task')
const refused: Step = book => book.refused('m', 15)
const shown: Step = book => book.shown('m', 19)
const stranger: Step = book => book.shown('x', 19)
const begun: Step = book => book.begun('task', 17)
const answered: Step = book => book.answered('task', 19, true)
const apology: Step = book => book.answered('task', 19, false)

/** One send, intended at 10 and sent at 12. */
function added(steps: Step[], fromMs = 0) {
  const all: Record<string, number[]> = {}
  const book = new Book(fromMs, (metric, value) => {
    all[metric] = [...(all[metric] ?? []), value]
  })
  book.sent('m', 10, 12)
  for (const step of steps) step(book)
  return { ids: book.end(20), all }
}

describe('the result of a send', () => {
  const cases: [what: string, steps: Step[], expected: Record<string, number[]>][] = [
    ['stored and seen, later than meant', [stored, shown], { stored_ms: [5], seen_ms: [9] }],
    ['seen before it is confirmed', [shown, stored], { seen_ms: [9], stored_ms: [5] }],
    ['confirmed but never shown', [stored], { stored_ms: [5], lost: [1] }],
    ['confirmed twice', [stored, stored, shown], { stored_ms: [5], seen_ms: [9] }],
    ['shown twice', [stored, shown, shown], { stored_ms: [5], seen_ms: [9], duplicates: [1] }],
    ['no word of it', [], { unanswered: [1] }],
    ['shown but never confirmed', [shown], { seen_ms: [9], unanswered: [1] }],
    ['refused', [refused], { refused: [1] }],
    ['refused but shown', [refused, shown], { refused: [1], seen_ms: [9] }],
    ['shown what nobody sent', [stored, shown, stranger], { stored_ms: [5], seen_ms: [9], phantoms: [1] }],
    ['answered in pieces', [stored, begun, begun, answered], { stored_ms: [5], ttft_ms: [7], seen_ms: [9] }],
    ['answered in one piece', [stored, answered], { stored_ms: [5], ttft_ms: [9], seen_ms: [9] }],
    ['an answer that overtakes the confirmation', [begun, answered, stored], { stored_ms: [5], ttft_ms: [7], seen_ms: [9] }],
    ['answered twice', [stored, answered, answered], { stored_ms: [5], ttft_ms: [9], seen_ms: [9], duplicates: [1] }],
    ['the apology', [stored, apology], { stored_ms: [5], apologies: [1] }],
  ]
  test.each(cases)('%s', (_, steps, expected) => {
    const counted = { offered: [1], late_ms: [2], lost: [0], unanswered: [0], judged: [1] }
    expect(added(steps)).toEqual({ ids: expected['lost'] ? ['m'] : [], all: { ...counted, ...expected } })
  })

  test('the warm-up is judged, but in no latency', () => {
    expect(added([stored], 11).all).toEqual({ lost: [1], unanswered: [0], judged: [1] })
  })
})

test('message ids are UUIDs, unlike, and in the order of time', () => {
  const ids = [0, 1, 4_095, 2 ** 32, 2 ** 40].flatMap(number => [0, 3].map(vu => messageId(1_790_000_000_000, vu, number)))
  for (const id of ids) Uuid.parse(id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(messageId(1_790_000_000_001, 0, 0) > messageId(1_790_000_000_000, 9, 9)).toBe(true)
})

const ENV = { LAB_NODES: 'http://127.0.0.1:1,http://127.0.0.1:2', LAB_SECRET: 's', LAB_RUN: 'r' }

test('settings: what is written is what is read', () => {
  const settings = { ...settingsFromEnv(ENV), users: 20, ratePerSecond: 0.5, forMs: 30_000, vuCount: 3, p99LimitMs: 12.5 }
  expect(settingsFromEnv(settingsToEnv(settings))).toEqual(settings)
  expect(settingsToEnv(settings)).toMatchObject({ LAB_NODES: ENV.LAB_NODES, LAB_VU_COUNT: '3', LAB_P99_LIMIT_MS: '12.5' })
})

test.each([
  ['LAB_NODES', ''],
  ['LAB_SECRET', ''],
  ['LAB_USERS', '2.5'],
  ['LAB_VU_COUNT', '1.5'],
  ['LAB_VU_COUNT', '0'],
  ['LAB_RATE_PER_SECOND', 'fast'],
  ['LAB_FOR_MS', 'Infinity'],
  ['LAB_DRAIN_MS', '-1'],
])('settings: %s=%s is named', (name, value) => {
  expect(() => settingsFromEnv({ ...ENV, [name]: value })).toThrow(new RegExp(`^${name}: expected`))
})
