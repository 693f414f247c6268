import { expect, test } from 'vitest'
import { Ledger } from './ledger.ts'

test('lost, doubled and reordered messages are counted, and only the measured time counts for latency', () => {
  const ledger = new Ledger(2)
  const [early, first, second, other] = [ledger.sent(0, 1), ledger.sent(0, 10), ledger.sent(0, 11), ledger.sent(1, 12)]
  expect(ledger.seen(early, 3)).toBe(true)
  expect(ledger.seen(second, 20)).toBe(true)
  expect(ledger.seen(first, 21)).toBe(true)
  expect(ledger.seen(first, 22)).toBe(false)
  ledger.confirmed(first)
  ledger.confirmed(first)
  expect(ledger.senderOf(other)).toBe(1)
  expect(ledger.tally()).toEqual({ sent: 4, seen: 3, stored: 1, lost: 1, duplicates: 1, reordered: 1 })
  expect([ledger.outstanding, ledger.unconfirmed]).toEqual([1, 3])
  expect([...ledger.latenciesBetween(5, 21)]).toEqual([9])
  expect([...ledger.latenciesBetween(5, 22)]).toEqual([11, 9])
})
