import { expect, test } from 'vitest'
import { Inference } from '#contracts/http'
import { asInference, InferenceLog } from './inference-log.ts'

const REQUEST = { task: 't', attempt: 1, worker: 'w', model: 'm:8b', probe: false, receivedAtMs: 1.5, promptTokens: 3 }

test('reading on misses nothing: what had not ended is read again', () => {
  const log = new InferenceLog()
  const [first, second] = [log.add(REQUEST), log.add(REQUEST)]
  first.endedAtMs = 2
  const read = log.after(-1)
  expect(read.map(({ index }) => index)).toEqual([0, 1])
  expect(log.next(-1, read)).toBe(0)
  second.endedAtMs = 3
  expect(log.after(0)).toEqual([second])
  expect(log.next(0, log.after(0))).toBe(1)
  expect(log.next(1, log.after(1))).toBe(1)
})

test('it keeps the last ones, and pages', () => {
  const log = new InferenceLog(3)
  for (let i = 0; i < 5; i++) log.add(REQUEST)
  expect(log.after(-1).map(({ index }) => index)).toEqual([2, 3, 4])
  expect(log.after(2, 1).map(({ index }) => index)).toEqual([3])
})

test('stamps are nanoseconds in decimal, and the contract takes an entry as it is', () => {
  const entry = new InferenceLog().add(REQUEST)
  expect(Inference.parse(asInference(entry))).toMatchObject({ receivedAtNs: '1500000', outcome: 'waiting' })
})
