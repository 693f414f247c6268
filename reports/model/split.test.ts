import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { askedOf, windowOf } from './asked.ts'
import { splitsOf, waitOf } from './split.ts'

const asked = (askedMs: number, deliveredMs: number, requestedMs: number, startedMs: number) => ({
  task: '',
  user: '',
  askedMs,
  deliveredMs,
  requestedMs,
  startedMs,
})

test('a wait is split by place, and the parts add up', () => {
  const splits = splitsOf([asked(0, 10, 30, 35), asked(100, 110, 110, 111)])
  expect(splits).toMatchObject({ prompts: 2, asked: 2, all: { heldBack: 0, broker: 10, buffer: 10, server: 3 } })
  expect(splits!.slowest).toEqual({ heldBack: 0, broker: 10, buffer: 20, server: 5 })
  expect(waitOf(splits!.slowest)).toBe(35)
})

test('prompts that were never begun are in no split, and counted', () => {
  const never = { task: '', user: '', askedMs: 0 }
  expect(splitsOf([never])).toBeUndefined()
  expect(splitsOf([never, asked(0, 10, 30, 35), never])).toMatchObject({ prompts: 1, asked: 3 })
})

test('a task in the outbox is not in the broker', () => {
  expect(splitsOf([{ ...asked(0, 110, 110, 111), heldBackUntilMs: 100 }])!.all).toEqual({ heldBack: 100, broker: 10, buffer: 0, server: 1 })
})

test('with prefetch 250 the wait moves from the broker into the buffer', () => {
  const { run, histories } = modelRun()
  const [small, large] = run.arms.map(arm => {
    const history = { ...arm.facts, events: histories.get(arm.name) ?? [] }
    return splitsOf(askedOf(history, windowOf(history)))!
  })
  expect(small!.all.broker).toBeGreaterThan(10 * small!.all.buffer)
  expect(large!.all.buffer).toBeGreaterThan(10 * large!.all.broker)
})
