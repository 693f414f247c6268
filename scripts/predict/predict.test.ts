import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { predictionDocument } from '../../reports/predict/document.ts'
import { duration } from '../../reports/predict/text.ts'
import type { PredictArguments } from '../../scenarios/predictor/described.ts'
import { type Described, predicted } from '../../scenarios/predictor/described.ts'
import { traceStart } from '../../scenarios/predictor/trace/start.ts'
import { predictProgram } from './arguments.ts'
import { startText } from './values.ts'

const SCRIPT = new URL('../predict.ts', import.meta.url).pathname
const predict = (args: string) => spawnSync(process.execPath, [SCRIPT, ...args.split(' ')], { encoding: 'utf8' })

function asked(args: string): PredictArguments {
  const got: PredictArguments[] = []
  const program = predictProgram(one => void got.push(one)).configureOutput({ writeErr: () => undefined })
  program.parse(args.split(' '), { from: 'user' })
  return got[0]!
}
function parsed(args: string): Described {
  const { start, ...given } = asked(args)
  if (start.kind === 'trace-file') throw new Error('its file is not read here')
  return { ...given, start, startText: startText(start) }
}
const ARTICLE = '--tasks 500 --service-ms 20,70 --prefetch 250 --start'

describe('the JSON document', () => {
  test('has the documented keys and the exact values of a burst', () => {
    const { status, stdout, stderr } = predict(`${ARTICLE} burst --json`)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const waits = { mean: expect.any(Number), p50: expect.any(Number), p95: expect.any(Number), max: expect.any(Number) }
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      verdict: 'HOARDING',
      worst: 'makespan',
      verdictText: expect.stringMatching(/^HOARDING: all done after 17\.5 s/),
      inversions: 22_268,
      tau: expect.closeTo(0.643, 3),
      maxOvertakes: 178,
      makespanMs: 17_500,
      waitMs: { ...waits, max: 249 * 70 },
      idealWaitMs: waits,
      shares: [250, 250],
      strandedPercent: { hoarding: expect.closeTo(55.24, 2), roundTrip: 0 },
      heldMaxMs: 250 * 70,
      idealMakespanMs: 7_780,
      idealShares: [389, 111],
      idealOrder: { inversions: 277, tau: expect.closeTo(0.996, 3), maxOvertakes: 3 },
      capacityPerSecond: expect.closeTo(64.29, 2),
      offeredLoadPercent: null,
      warnings: [],
      heldTooLong: [],
      assumptions: [expect.stringContaining('no gap')],
      inputs: {
        ...{
          tasks: 500,
          serviceMs: [20, 70],
          start: 'burst',
          load: null,
          slots: 1,
          priority: [0, 0],
          backlogMin: [0, 0],
          gapMs: 0,
          handOverMs: 0,
          consumerTimeoutMs: 1_800_000,
          seed: 1,
        },
        prefetch: [250, 250],
      },
      command: expect.stringMatching(/^npm run predict -- --tasks 500 /),
    })
  })

  test.each([
    '--tasks 90 --service-ms 20,70.5 --prefetch 9,0 --start poisson:63.5/s --slots 2 --priority -3,7 --gap-ms 1.5 --seed 7',
    '--tasks 90 --service-ms 20,70 --start poisson:70/s --sweep',
    '--tasks 90 --service-ms 20,200 --start poisson:20/s --backlog-min 0,3 --consumer-timeout 1m --slots 4,1',
    '--tasks 90 --gpus rtx-4090:slots=2,l4 --start poisson:0.5/s --answer-tokens 300 --seed 3',
  ])('what was asked can be asked again: %s', args => {
    const { stdout } = predict(`${args} --json`)
    const { command } = JSON.parse(stdout)
    expect(predict(`${command.replace('npm run predict -- ', '')} --json`).stdout).toBe(stdout)
  })

  test('a sweep', () => {
    const { best, sweep, inputs, ...rest } = JSON.parse(predict('--tasks 400 --start poisson:50/s --gap-ms 2 --sweep --json').stdout)
    expect(best).toMatchObject({ prefetch: 2, by: 'waitMs.p95', tiePercent: 1 })
    expect(sweep.map((row: { prefetch: number }) => row.prefetch)).toEqual([1, 2, 3, 5, 10, 20, 50, 100, 250])
    for (const row of sweep)
      expect(row).toMatchObject({
        verdict: expect.any(String),
        waitMs: { p95: expect.any(Number), max: expect.any(Number) },
        makespanMs: expect.any(Number),
        strandedPercent: { hoarding: expect.any(Number), roundTrip: expect.any(Number) },
      })
    expect(inputs).toMatchObject({ start: 'poisson:50/s', prefetch: [1, 2, 3, 5, 10, 20, 50, 100, 250] })
    expect(rest).toMatchObject({ idealWaitMs: { p95: expect.any(Number) }, offeredLoadPercent: expect.closeTo(77.8, 1) })
  })

  test('a trace is named in what to type, its load too', () => {
    const start = { kind: 'trace', publishedMs: [0, 10] } as const
    const described = { ...asked('--tasks 2 --start trace:x --load 0.8'), start, startText: "trace:my day's.csv" }
    expect(predictionDocument(described, predicted(described)).command).toContain("--start 'trace:my day'\\''s.csv' --load 0.8 ")
  })

  test('a backlog goes to the worker named first', () => {
    expect(predicted(parsed(`${ARTICLE} backlog`)).figures.tau).toBeCloseTo(0.859, 3)
    expect(predicted(parsed('--tasks 500 --service-ms 70,20 --prefetch 250 --start backlog')).figures.tau).toBeCloseTo(0.14, 3)
  })

  test('random arrivals repeat with the seed and differ without', () => {
    const run = (seed: number) => predicted(parsed(`${ARTICLE} poisson:50/s --seed ${seed}`)).figures
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  test('a trace: its gaps as they were, or stretched to a load', () => {
    const rows = [0, 100, 400, 500].map((atMs, i) => ({ line: i + 2, atMs: 1e12 + atMs, promptTokens: 1, answerTokens: 1 }))
    const start = (args: string) => traceStart(rows, asked(`--service-ms 20,70 --start trace:t.csv ${args}`))
    expect(start('--tasks 4')).toEqual({ kind: 'trace', publishedMs: [0, 100, 400, 500] })
    const stretched = start('--tasks 4 --load 0.8')
    const lastMs = stretched.kind === 'trace' ? stretched.publishedMs.at(-1)! : 0
    expect(3 / (lastMs / 1_000)).toBeCloseTo(0.8 * (1_000 / 20 + 1_000 / 70), 6)
  })

  test('a slow worker that takes from three on does not lengthen the makespan of a small burst', () => {
    const makespan = (backlogMin: string) =>
      predicted(parsed(`--tasks 3 --service-ms 20,200 --backlog-min ${backlogMin}`)).figures.makespanMs
    expect([makespan('0'), makespan('0,3')]).toEqual([200, 60])
  })

  test('a higher consumer priority is served first', () => {
    const shares = (priority: string) =>
      predicted(parsed(`--tasks 100 --service-ms 20,70 --prefetch 80 --priority ${priority}`)).figures.shares
    expect(shares('0')).toEqual([50, 50])
    expect(shares('5,0')).toEqual([80, 20])
  })

  test('a prefetch per worker', () => {
    const { figures, workers } = predicted(parsed('--tasks 100 --service-ms 20,70 --prefetch 80,4'))
    expect(workers.map(worker => worker.prefetchTasks)).toEqual([80, 4])
    expect(figures.shares[0]).toBeGreaterThanOrEqual(80)
  })

  test('the gap has an older name, on the line and in JSON', () => {
    const [older, now] = ['--hand-over-ms', '--gap-ms'].map(flag => predict(`--tasks 90 ${flag} 3 --json`).stdout)
    expect(older).toBe(now)
    expect(JSON.parse(now!).inputs).toMatchObject({ gapMs: 3, handOverMs: 3 })
    expect(predict('--gap-ms 3 --hand-over-ms 4').stderr).toMatch(/--hand-over-ms.* cannot be used with .*--gap-ms/)
  })

  test('slots share a GPU, a gap costs time', () => {
    const makespanMs = (gapMs: number) => predicted(parsed(`--tasks 100 --service-ms 20 --gap-ms ${gapMs}`)).figures.makespanMs
    expect(makespanMs(0)).toBe(2_000)
    expect(makespanMs(2)).toBe(2_000 + 99 * 2 + 1)
    // Two streams together are 1.8 times as fast as one.
    expect(predicted(parsed('--tasks 100 --service-ms 20 --prefetch 2 --slots 2')).figures.makespanMs).toBeCloseTo(2_000 / 1.8, 3)
  })
})

describe('the text for a person', () => {
  test('says first what it means', () => {
    const { stdout, status } = predict(`${ARTICLE} burst`)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^HOARDING: all done after 17\.5 s, 2\.2 x the ideal .*\(p95 wait .* Try a lower prefetch\.\n/)
    expect(stdout).toContain('250 / 250')
  })

  test.each([
    [0, '0 ms'],
    [0.5, '0.5 ms'],
    [850, '850 ms'],
    [17_500, '17.5 s'],
    [1_980_000, '33.0 min'],
  ])('%d milliseconds read %s', (ms, text) => expect(duration(ms)).toBe(text))
})

describe('refused arguments', () => {
  test.each([
    ['--tasks 0', 'a whole number from 1', '0'],
    ['--service-ms 20,', '20,70', '20,'],
    ['--service-ms 20,-1', 'joined by commas', '20,-1'],
    ['--prefetch -1', 'from 0 to 65535', '-1'],
    ['--prefetch 1,65536', 'from 0 to 65535', '1,65536'],
    ['--prefetch 1,', 'such as 10,1', '1,'],
    ['--start flood', 'burst, backlog, trace:FILE, or poisson:R/s', 'flood'],
    ['--start poisson:0/s', 'poisson:20/s', 'poisson:0/s'],
    ['--start poisson:5', 'poisson:20/s', 'poisson:5'],
    ['--slots 1.5', 'whole numbers from 1 to 1000', '1.5'],
    ['--gpus rtx-4091', 'Did you mean rtx-4090', 'rtx-4091'],
    ['--consumer-timeout 30', 'a time up to 24h', '30'],
    ['--gap-ms soon', 'a number from 0', 'soon'],
    ['--seed x', 'a whole number from 0', 'x'],
  ])('%s', (args, expected, seen) => {
    expect(() => asked(args)).toThrow(expected)
    expect(() => asked(args)).toThrow(`argument '${seen}' is invalid`)
  })

  test.each(['--prefetch', '--priority', '--backlog-min'])('%s: a list that does not fit the workers', flag => {
    const given = () => asked(`--service-ms 13,37,111 ${flag} 10,1`)
    expect(given).toThrow(`${flag}: expected one for all or one for each of 3 workers (as many as --service-ms has), got 2: 10,1`)
  })

  test('a sweep of one prefetch', () => {
    expect(() => asked('--sweep --prefetch 5')).toThrow('--sweep: expected without --prefetch, got it with 5')
  })

  test('exit code 3, the reason and what to type on stderr, nothing on stdout', () => {
    const { status, stdout, stderr } = predict('--prefetch many')
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    expect(stderr).toMatch(/^USAGE: .*--prefetch.*\n?.*Expected .* got "many"/)
    expect(stderr).toContain('See: npm run predict -- --help')
  })

  test.each(['--colour', '--tasks', 'burst', '--tasks 9999 --start poisson:0.001/s'])('%s', args => expect(predict(args).status).toBe(3))

  test('--help is not an error', () => {
    const { status, stdout } = predict('--help')
    expect(status).toBe(0)
    expect(stdout).toContain('--gap-ms')
  })
})
