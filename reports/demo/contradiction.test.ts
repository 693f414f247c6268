import { describe, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import type { Figures } from '../../scenarios/experiment/hour/figures.ts'
import { answerMs, gpuLines, offeredShare } from '../../scenarios/experiment/hour/gpus.ts'
import { demoHour } from '../../scenarios/experiment/hour/hour.ts'
import { slowerSeconds } from '../../scenarios/experiment/hour/pace.ts'
import type { Arm } from '../../scenarios/experiment/hour/state.ts'
import { contradictionOf, mostReady } from './contradiction.ts'
import { measuredEnd, predictedEnd } from './end.ts'
import { DEFAULTS, realCommand } from './options.ts'

const ASKED = { seed: 1, load: 0.8, prefetchTasks: 250, hourMs: 3_600_000 }
const hour = demoHour(ASKED)
const [large, one] = hour.figures

/** As predicted, but for the messages ready that were sampled, as a measured arm has them. */
function arms(readyLarge = 0, readyOne = 13): [Arm, Arm] {
  const sampled = (arm: Arm, ready: number): Arm => ({ ...arm, samples: [{ atMs: 1_000, ready, holds: [0, 0] }] })
  return [sampled(hour.arms[0], readyLarge), sampled(hour.arms[1], readyOne)]
}
const stranded = (figures: Figures, strandedPercent: number): Figures => ({ ...figures, strandedPercent })
const waited = (figures: Figures, p95: number): Figures => ({ ...figures, waitMs: { ...figures.waitMs, p95 } })

describe('a measured hour that the prediction speaks of', () => {
  test('as predicted', () => expect(contradictionOf(hour, arms(), hour.figures)).toBeUndefined())

  test('a little of everything', () => {
    const figures = [
      stranded(waited(large, 0.8 * large.waitMs.p95), large.strandedPercent - 10),
      stranded(waited(one, 60_000), 12),
    ] as const
    expect(contradictionOf(hour, arms(5, 50), figures)).toBeUndefined()
  })

  test('a measured hour may show a larger prefetch that is not much worse', () => {
    const near = demoHour({ ...ASKED, prefetchTasks: 2 })
    expect(near.figures[1].waitMs.p95).toBeGreaterThan(0.5 * near.figures[0].waitMs.p95)
    expect(contradictionOf(near, near.arms, near.figures)).toBeUndefined()
  })
})

describe('one that contradicts it', () => {
  test.each([
    ['a queue with prefetch 1', arms(0, 101), hour.figures, '101 messages ready with prefetch 1, predicted at most 13'],
    ['a queue with both windows full', arms(400, 20), hour.figures, '400 messages ready with prefetch 250, predicted at most 0'],
    ['stranded too little', arms(), [stranded(large, 8), one], '8 % stranded with prefetch 250, predicted 31 %'],
    ['stranded too much', arms(), [large, stranded(one, 29)], '29 % stranded with prefetch 1, predicted 0 %'],
    ['a wait that stays', arms(), [large, waited(one, 0.6 * large.waitMs.p95)], 'the p95 wait with prefetch 1 is 13 min, predicted 7.8 s'],
  ] as const)('%s', (_, measured, figures, because) => {
    expect(contradictionOf(hour, measured, figures)).toBe(because)
  })

  test('a machine whose gap alone overloads both GPUs, though all is as predicted for it', () => {
    const slow = demoHour({ ...ASKED, gapMs: 900 })
    expect(offeredShare(slow)).toBeGreaterThan(1)
    expect(contradictionOf(slow, slow.arms, slow.figures)).toMatch(/^with this machine's gap the load is 11\d %$/)
  })

  const end = (measured: [Arm, Arm], predicted = hour) => {
    const pace = { seconds: 60, timeScale: 60, gapMs: 2 }
    return measuredEnd({ ...DEFAULTS, real: true }, { arms: measured, hour: predicted, pace, gapWithinMs: 3 })
  }

  test('its last lines name it and what to type, without a fix; exit code unknown; 80 columns', () => {
    const { lines, exitCode } = end(arms(0, 101))
    expect(exitCode).toBe(EXIT.unknown)
    expect(lines.slice(-2)).toEqual([
      'No conclusion: 101 messages ready with prefetch 1, predicted at most 13.',
      'This machine was too slow for the hour: npm run demo -- --real --seconds 120',
    ])
    expect(lines.join()).not.toContain('fix')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
  })

  test('says how far the model and the machine are apart, and by which gap', () => {
    expect(end(arms()).lines).toContain('model and machine agree within 0 % on the p95 waits')
    const faster = { ...hour, figures: [large, waited(one, 0.5 * one.waitMs.p95)] } as typeof hour
    const { lines } = end(arms(), faster)
    expect(lines.join('\n')).toMatch(/p95 waits are \d+ % from the model's: a gap is 3 ms x 60, 180 ms of GPU time/)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
  })

  test('the fix stands below an hour as predicted, measured or not', () => {
    expect(end(arms())).toMatchObject({ exitCode: EXIT.ok, lines: expect.arrayContaining([expect.stringMatching(/^Means: rtx-4090 /)]) })
    for (const lines of [end(arms()).lines, predictedEnd(DEFAULTS, hour)]) expect(lines.at(-1)).toMatch(/^the fix, one line +await channel/)
  })
})

test('the most that were ready: sampled, or as the tasks have it; what comes after the hour does not count', () => {
  const tasks = [
    { arrivedAtMs: 0, deliveredAtMs: 0 },
    { arrivedAtMs: 10, deliveredAtMs: 40 },
    { arrivedAtMs: 20 },
    { arrivedAtMs: 40, deliveredAtMs: 50 },
    { arrivedAtMs: 120, deliveredAtMs: 130 },
    { arrivedAtMs: 120, deliveredAtMs: 130 },
  ]
  expect(mostReady({ title: '', gpus: [], tasks }, 100)).toBe(2)
  const samples = [7, 3, 90].map((ready, i) => ({ atMs: 50 * (i + 1), ready, holds: [] }))
  expect(mostReady({ title: '', gpus: [], tasks, samples }, 100)).toBe(7)
})

test('what to type: the same in more seconds, for this gap', () => {
  expect(slowerSeconds(hour, 2, 60, 3_600)).toBe(120)
  expect(slowerSeconds(hour, 8, 6, 3_600)).toBe(48)
  expect(slowerSeconds(hour, 40, 60, 3_600)).toBeGreaterThan(300)
  expect(slowerSeconds(hour, 2, 3_000, 3_600)).toBe(3_600)
  expect(realCommand({ ...DEFAULTS, seed: 3, load: 0.5, minutes: 6, prefetch: 20, install: false }, 12)).toBe(
    'npm run demo -- --real --seconds 12 --seed 3 --minutes 6 --load 0.5 --prefetch 20 --no-install',
  )
})

describe('how fast the GPUs are', () => {
  test('said with the command that comes near, within 80 columns', () => {
    const lines = gpuLines(hour, 1)
    expect(lines.join('\n')).toBe(
      [
        'Means: rtx-4090 1.5 s an answer, rx-7650-gre 5.5 s. Near it:',
        '  npm run predict -- --tasks 2400 --service-ms 1491,5468 --prefetch 250 \\',
        '    --start poisson:0.667/s --seed 1',
      ].join('\n'),
    )
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
  })

  test('a gap takes its time of each answer', () => {
    const lines = gpuLines({ ...hour, gapMs: 12_000 }, 1)
    expect(lines[0]).toBe('Means: rtx-4090 1.5 s an answer, rx-7650-gre 5.5 s, gap 12.0 s. Near it:')
    expect(lines[0]?.length).toBeLessThanOrEqual(80)
    expect(lines[1]).toContain('--service-ms 13489,17466 ')
    const [fast, slow] = answerMs(demoHour({ ...ASKED, gapMs: 300 }))
    const [fastest, slowest] = answerMs(demoHour({ ...ASKED, gapMs: 0 }))
    expect([(fast ?? 0) - (fastest ?? 0), (slow ?? 0) - (slowest ?? 0)]).toEqual([expect.closeTo(300), expect.closeTo(300)])
  })
})
