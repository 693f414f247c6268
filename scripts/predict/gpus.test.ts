import { describe, expect, test } from 'vitest'
import { type PredictArguments, predicted } from '../../scenarios/predictor/described.ts'
import { gpuWork } from '../../scenarios/predictor/gpu-work.ts'
import { predictProgram } from './arguments.ts'
import { startText } from './values.ts'

function asked(args: string): PredictArguments {
  const got: PredictArguments[] = []
  const program = predictProgram(one => void got.push(one)).configureOutput({ writeErr: () => undefined })
  program.parse(args.split(' '), { from: 'user' })
  return got[0]!
}

describe('one’s own GPUs', () => {
  const drawn = (args: string) => {
    const given = asked(args)
    if (given.start.kind === 'trace-file') throw new Error('its file is not read here')
    return { ...given, ...gpuWork(given, undefined), start: given.start, startText: startText(given.start) }
  }

  test('take a time of their own for each task; slots and gain are of the card', () => {
    const args = drawn('--tasks 400 --gpus rtx-4090,2xl4:slots=2 --start poisson:0.5/s')
    const { workers, ideal } = predicted(args)
    expect(workers.map(({ slots }) => slots)).toEqual([1, 2, 2])
    expect(workers[1]!.batching).toEqual(args.gpus!.kinds[1]!.batching)
    expect(new Set(ideal.map(({ startedMs, endedMs }) => Math.round(endedMs - startedMs))).size).toBeGreaterThan(100)
    const [fast, slow] = args.serviceMs
    expect(slow).toBeGreaterThan(1.5 * fast!)
  })

  test('lengths that are all alike make everybody wait less', () => {
    const wait = (sizes: string) =>
      predicted(drawn(`--tasks 4000 --gpus rtx-4090,l4 --start poisson:0.6/s --sizes ${sizes}`)).figures.waitMs.p95
    expect(wait('varied')).toBeGreaterThan(1.3 * wait('alike'))
  })

  test('a trace brings its own lengths', () => {
    const rows = [100, 1_000, 100].map((answerTokens, i) => ({ line: i + 2, atMs: i, promptTokens: 10, answerTokens }))
    const { work, serviceMs } = gpuWork(asked('--gpus rtx-4090 --start trace:x'), rows)
    expect(work?.tokens).toEqual({ prompt: 10, answer: 400 })
    expect(work!.taskMs[0]![1]! / work!.taskMs[0]![0]!).toBeGreaterThan(5)
    expect(serviceMs[0]).toBeCloseTo(work!.taskMs[0]!.reduce((sum, ms) => sum + ms, 0) / 3, 6)
  })

  test.each([
    ['--gpus l4 --service-ms 20', /--gpus.* cannot be used with .*--service-ms/],
    ['--gpus l4 --slots 2', /--gpus.* cannot be used with .*--slots/],
    ['--prompt-tokens 5', '--prompt-tokens: expected with --gpus'],
    ['--gpus l4 --start trace:x --answer-tokens 5', '--answer-tokens: expected without a trace'],
    ['--gpus l4,t4 --prefetch 1,2,3', 'for each of 2 workers (as many as --gpus has), got 3'],
  ])('%s is refused', (args, text) => expect(() => asked(args)).toThrow(text))
})
