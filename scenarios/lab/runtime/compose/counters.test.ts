import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Counters } from './counters.ts'

test('a restarted counter continues from its value, a lost one keeps it', () => {
  const counters = new Counters()
  counters.saw('gone', 7)
  for (const value of [100, 150, 20, 30]) counters.saw('restarted', value)
  expect(counters.sum).toBe(7 + 150 + 30)
})

test('the sum is that of all starts, and never falls', () => {
  const looks = fc.array(fc.record({ name: fc.constantFrom('a', 'b'), starts: fc.boolean(), by: fc.integer({ min: 1, max: 99 }) }))
  fc.assert(
    fc.property(looks, all => {
      const [counters, shows] = [new Counters(), new Map<string, number>()]
      let [whole, before] = [0, 0]
      for (const { name, starts, by } of all) {
        // A restart shows only as a lower figure, so one already higher cannot be seen.
        const old = shows.get(name) ?? 0
        const now = starts && by < old ? by : old + by
        whole += by
        shows.set(name, now)
        counters.saw(name, now)
        expect(counters.sum).toBe(whole)
        expect(counters.sum).toBeGreaterThan(before)
        before = counters.sum
      }
    }),
  )
})
