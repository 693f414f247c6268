import { expect, test } from 'vitest'
import { type Cell, surprises } from '#evidence/store/matrix-document'
import { expectedOutcome, kindsOf } from '../scenarios/experiment/matrix.ts'
import { matrixText } from './matrix-text.ts'

const cell: Cell = {
  broker: 'RabbitMQ 4.3.6',
  generation: '4.3',
  queueType: 'quorum',
  verb: 'killed',
  outcome: 'dead-lettered',
  redeliveries: 5,
  deadLettered: 1,
  perSecond: 0.5,
  expected: 'dead-lettered',
  kills: [{ worker: 'worker-fast', attempt: 1, gone: true }],
}

test('a nack counts up to 4.2 and never from 4.3 on; a classic queue counts nothing', () => {
  expect(expectedOutcome('4.0', 'quorum', 'nack')).toBe('dead-lettered')
  expect(expectedOutcome('4.3', 'quorum', 'nack')).toBe('endless')
  expect(expectedOutcome('4.3', 'quorum', 'reject')).toBe('dead-lettered')
  expect(expectedOutcome('4.3', 'classic', 'killed')).toBe('endless')
})

test('delayed retry is tried where there is one: it slows a nack down and does not count it', () => {
  const delayed = (generation: '3.10' | '4.0' | '4.3') =>
    kindsOf(generation).filter(kind => kind.queueType === 'quorum, delayed retry').length
  expect([delayed('3.10'), delayed('4.0'), delayed('4.3')]).toEqual([0, 0, 3])
  expect(expectedOutcome('4.3', 'quorum, delayed retry', 'nack')).toBe('endless')
  expect(expectedOutcome('4.3', 'quorum, delayed retry', 'reject')).toBe('dead-lettered')
})

test('an outcome that is not documented is a surprise, and so is a kill without its proof', () => {
  expect(surprises([cell])).toEqual([])
  expect(surprises([{ ...cell, outcome: 'endless' }])).toEqual([expect.stringContaining('documented: dead-lettered')])
  expect(surprises([{ ...cell, kills: [] }])).toEqual([expect.stringContaining('no proof')])
  expect(surprises([{ ...cell, kills: [{ worker: 'worker-fast', attempt: 1, gone: false }] }])).toHaveLength(1)
})

test('the table has a cell for each, also for one that was not run', () => {
  const text = matrixText([
    cell,
    { ...cell, verb: 'nack', outcome: 'endless', expected: 'endless', redeliveries: 100, perSecond: 812.5, kills: [] },
  ])
  expect(text).toMatch(/RabbitMQ 4\.3\.6 +quorum +endless, 812\.5 a second +not run +dead after 5 redeliveries/)
  expect(text).toContain('As documented in every cell.')
})
