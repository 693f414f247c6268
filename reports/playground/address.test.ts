import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, stateOf } from './address.ts'
import { answerOf } from './answer.ts'
import { csvOf, figureRows } from './figures.ts'
import { tasksOf } from './question.ts'
import { ARRIVALS, BOUNDS, type Bounded, defaultState, MODEL_SIZES, SIZES, type Side, type State } from './state.ts'

const whole = (name: Bounded) => fc.integer({ min: BOUNDS[name][0], max: BOUNDS[name][1] })
const sideOf = (workers: number): fc.Arbitrary<Side> =>
  fc.record({
    slots: whole('slots'),
    orders: fc.array(fc.record({ prefetch: whole('prefetch'), priority: whole('priority'), backlogMin: whole('min') }), {
      minLength: workers,
      maxLength: workers,
    }),
  })
const states: fc.Arbitrary<State> = fc
  .array(fc.oneof(fc.constantFrom('rtx-4090', 'l4', 't4'), whole('ms')), { minLength: 1, maxLength: 8 })
  .chain(gpus =>
    fc.record({
      gpus: fc.constant(gpus),
      model: fc.constantFrom(...MODEL_SIZES),
      sizes: fc.constantFrom(...SIZES),
      promptTokens: whole('prompt'),
      answerTokens: whole('answer'),
      arrivals: fc.constantFrom(...ARRIVALS),
      perSecond: fc.integer({ min: 1, max: 1_000_000 }).map(thousandths => thousandths / 1_000),
      tasks: whole('tasks'),
      gapMs: fc.integer({ min: 0, max: 100_000 }).map(tenths => tenths / 10),
      sloMs: whole('slo'),
      seed: whole('seed'),
      sides: fc.tuple(sideOf(gpus.length), sideOf(gpus.length)),
    }),
  )

test('a link shows the same: every state comes back from its address', () => {
  fc.assert(
    fc.property(states, state => {
      expect(stateOf(addressOf(state))).toEqual({ state, refused: [] })
    }),
  )
  expect(addressOf(defaultState())).toBe('')
})

test('what an address has and nobody understands is named; the rest holds', () => {
  const { state, refused } = stateOf('#gpus=rtx-4090,toaster&rate=-1&seed=7&a.prefetch=1,2,3&b.slots=0.5&colour=red&<b>=1')
  expect(refused).toEqual(['gpus', 'rate', 'a.prefetch', 'b.slots', 'colour', '<b>'])
  expect(state).toEqual({ ...defaultState(), seed: 7 })
})

test('arrivals: as many as were asked for, ascending; a busy third has two thirds of them; a gap has none', () => {
  const published = (address: string) => answerOf(stateOf(address).state).sides[0].prediction.schedule.map(({ publishedMs }) => publishedMs)
  const within = (times: number[], from: number, to: number) => times.filter(atMs => atMs > from * 60_000 && atMs < to * 60_000).length
  const [busy, gap] = [published('#arrivals=busy'), published('#arrivals=gap')]
  expect(busy).toHaveLength(tasksOf(defaultState()))
  expect(busy).toEqual(busy.toSorted((x, y) => x - y))
  expect(within(busy, 20, 40) / busy.length).toBeCloseTo(2 / 3, 1)
  expect(within(gap, 20.1, 29.9)).toBe(0)
  expect(within(gap, 29.9, 30.1)).toBeGreaterThan(250)
})

test('more days than the model counts exactly are refused, at once', () => {
  expect(() => answerOf(stateOf('#gpus=86400000ms&arrivals=burst&tasks=20000&sizes=alike').state)).toThrow(
    'expected work of at most 100 days, got up to 20001',
  )
})

test('figures and CSV are those of the prediction', () => {
  const { state } = stateOf('#gpus=20ms,70ms&arrivals=burst&tasks=50&slo=100&sizes=alike')
  const answer = answerOf(state)
  const [a, b] = answer.sides
  const late = a.prediction.schedule.filter(({ publishedMs, startedMs }) => startedMs - publishedMs > 100).length
  const rows = figureRows(answer, state.sloMs)
  expect(rows[0]).toMatchObject({ a: a.prediction.figures.waitMs.p95, b: b.prediction.figures.waitMs.p95 })
  expect(rows[3]).toMatchObject({ name: 'waits over 100 ms', a: 2 * late })
  const lines = csvOf(answer, state.sloMs).trim().split('\n')
  expect(lines).toHaveLength(1 + rows.length + 2 + 50)
  expect(lines[1]).toBe(`"wait, p95",ms,${rows[0]?.a},${rows[0]?.b},${rows[0]?.ideal}`)
})
