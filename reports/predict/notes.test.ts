import { describe, expect, test } from 'vitest'
import { type Described, predicted } from '../../scenarios/predictor/described.ts'
import { loadOf } from '../../scenarios/predictor/offered-load.ts'
import { ASKED } from './fixture.ts'
import { heldOf } from './held.ts'
import { assumptionsOf, modelLine, warningsOf } from './notes.ts'
import { predictionText } from './prediction-text.ts'

const GIVEN: Described = { ...ASKED, gapMs: 2, start: { kind: 'burst' }, startText: 'burst' }

describe('assumptions that decide the figures are listed', () => {
  test('none if all was given', () => expect(assumptionsOf(GIVEN)).toEqual([]))

  test('without a gap prefetch 1 costs nothing; what prints the lab’s own', () => {
    expect(assumptionsOf({ ...GIVEN, gapMs: 0 })).toEqual([
      expect.stringMatching(/prefetch 1 costs nothing\. .* --gap-ms; npm run demo -- --real prints/),
    ])
  })

  test('slots bring an assumed gain, by which curve', () => {
    const assumed = (slots: number) => assumptionsOf({ ...GIVEN, slots: [slots], prefetchTasks: [slots] })
    expect(assumed(4)).toEqual([
      expect.stringMatching(/^Assumed, not measured: a batching gain, .* 1 to 4 streams do 1, 1\.8, 2\.5, 3\.1 x the work of one\.$/),
    ])
    expect(assumed(9)).toEqual([expect.stringMatching(/1 to 8 streams .* 4\.5 x the work of one, no more beyond\.$/)])
  })

  test('slots that never fill', () => {
    const assumed = assumptionsOf({ ...GIVEN, slots: [4], prefetchTasks: [2] })
    expect(assumed.at(-1)).toBe('With this prefetch half the slots can never fill: prefetch = slots (--prefetch 4) is the least.')
    expect(assumptionsOf({ ...GIVEN, slots: [4], prefetchTasks: [0] })).toHaveLength(1)
    const args: Described = { ...GIVEN, slots: [4], prefetchTasks: [2] }
    expect(predictionText(args, predicted(args)).match(/half the slots can never fill/g)).toHaveLength(1)
  })

  test('of a trace only the arrivals are used', () => {
    const args: Described = { ...GIVEN, tasks: 3, start: { kind: 'trace', publishedMs: [0, 30, 60] }, startText: 'trace:day.csv' }
    expect(modelLine(args, loadOf(args))).toMatch(
      /^Model: 3 tasks \(arrivals alone of day\.csv, all tasks alike, offered load 5\d % of 64\.3\/s/,
    )
  })

  test('one of each is singular', () => {
    const args: Described = { ...GIVEN, tasks: 1, serviceMs: [20] }
    expect(modelLine(args, loadOf(args))).toBe('Model: 1 task (burst), 20 ms on 1 worker, prefetch 1, 1 slot each, gap 2 ms.')
  })
})

test('a worker that holds tasks beyond the consumer timeout of RabbitMQ: a warning, and from there on', () => {
  const warned = (args: Described) => warningsOf(loadOf(args), heldOf(args, predicted(args)))
  const hoarding = { ...GIVEN, tasks: 100, serviceMs: [60_000, 60_000], gapMs: 0 }
  expect(warned({ ...hoarding, prefetchTasks: [31] })).toEqual([
    expect.stringMatching(
      /^WARNING: a worker holds a task for up to 31\.0 min \(longer than 30\.0 min: \d+ tasks at worker-1 and \d+ tasks at worker-2\)\./,
    ),
  ])
  expect(warned({ ...hoarding, prefetchTasks: [30] })).toEqual([])
  expect(warned({ ...hoarding, prefetchTasks: [2], consumerTimeoutMs: 60_000 })).toHaveLength(1)
  expect(warned({ ...hoarding, prefetchTasks: [62], slots: [2], serviceMs: [30_000, 30_000] })).toEqual([])
})

test('shares of many workers stand below the table', () => {
  const args: Described = { ...GIVEN, serviceMs: Array.from({ length: 30 }, (_, i) => 20 + i) }
  const lines = predictionText(args, predicted(args), 80).split('\n')
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
  expect(lines.some(line => /^Tasks per worker: \d+ \/ /.test(line))).toBe(true)
})

test('in a terminal no line is longer than it, and no word is lost', () => {
  const args: Described = { ...GIVEN, slots: [4], prefetchTasks: [2, 3], gapMs: 0, start: { kind: 'poisson', perSecond: 200 } }
  const [wide, narrow] = [predictionText(args, predicted(args)), predictionText(args, predicted(args), 80)]
  expect(Math.max(...narrow.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  expect(narrow.split(/\s+/)).toEqual(wide.split(/\s+/))
})
