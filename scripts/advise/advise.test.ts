import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BATCHING_BY_ENGINE } from '#contracts/gpu-cards'
import { type AdviseAsked, adviseProgram } from './arguments.ts'

const SCRIPT = new URL('../advise.ts', import.meta.url).pathname
const advise = (args: string) => spawnSync(process.execPath, [SCRIPT, ...args.split(' ')], { encoding: 'utf8' })

function asked(args: string): AdviseAsked['question'] {
  const got: AdviseAsked[] = []
  adviseProgram(one => void got.push(one)).parse(args.split(' '), { from: 'user' })
  return got[0]!.question
}

describe('workers', () => {
  test('are cards, times and counts, with slots and an engine', () => {
    const { kinds, fleet } = asked('--workers 2xrtx-4090,21s,rtx-4090:slots=4:engine=vllm,rtx-4090,21s:2 --arrivals 0.5/s')
    expect(fleet).toEqual([0, 0, 1, 2, 0, 3])
    expect(kinds.map(({ name, slots }) => `${name} ${slots}`)).toEqual(['rtx-4090 1', '21s 1', 'rtx-4090:slots=4:engine=vllm 4', '21s:2 2'])
    expect(kinds[2]!.batching).toEqual(BATCHING_BY_ENGINE.vllm.slice(0, 4))
    expect(kinds[1]!.work).toEqual({ meanMs: 21_000 })
  })
})

test('arrivals are a rate in any unit, a burst or a trace; today’s prefetch is for all or for each', () => {
  expect(asked('--workers 2s --arrivals 120/h').arrivals).toEqual({ kind: 'poisson', perSecond: 120 / 3_600 })
  expect(asked('--workers 2s --arrivals burst:500').arrivals).toEqual({ kind: 'burst', tasks: 500 })
  expect(asked('--workers 2s --arrivals trace:x.csv --load 0.8').arrivals).toEqual({ kind: 'trace-file', path: 'x.csv', load: 0.8 })
  expect(asked('--workers 2s,3s --arrivals 1/s').today).toEqual([250, 250])
  expect(asked('--workers 2s,3s --arrivals 1/s --prefetch 9,0').today).toEqual([9, 0])
})

test.each([
  ['--arrivals 1/s', /^USAGE: required option '--workers/],
  ['--workers rtx-4090', /^USAGE: required option '--arrivals/],
  ['--workers rtx-9999 --arrivals 1/s', /^USAGE: .*unknown GPU profile "rtx-9999"/],
  ['--workers rtx-4090:slots=0 --arrivals 1/s', /^USAGE: .*Expected 1 to 256 slots/],
  ['--workers rtx-4090:engine=tgi --arrivals 1/s', /^USAGE: .*engines ollama, llama\.cpp, vllm/],
  ['--workers rtx-4090:speed=2 --arrivals 1/s', /^USAGE: .*slots=N or engine=NAME/],
  ['--workers 99x2s --arrivals 1/s', /^USAGE: .*1 to 64 workers/],
  ['--workers 2s --arrivals 0/s', /^USAGE: .*a rate such as/],
  ['--workers 2s --arrivals burst:1', /^USAGE: .*burst:N/],
  ['--workers 2s --arrivals 1/s --rtt 40', /^USAGE: .*a time up to 24h such as 40ms/],
  ['--workers 2s --arrivals 1/s --prefetch 1,2', /^USAGE: --prefetch: expected one for all or one for each of 1 workers/],
  ['--workers 2s --arrivals 1/s --load 0.5', /^USAGE: --load: expected with --arrivals trace:FILE/],
  ['--workers 2s --arrivals burst:9 --growth 2x', /^USAGE: --growth: expected with a rate or a trace/],
  ['--workers 2s --arrivals 1/s --growth 0', /^USAGE: .*times from 0\.01x/],
  ['--workers 2s --arrivals 1/s --cost l4=1', /^USAGE: --cost: expected names among 2s, got "l4"/],
  ['--workers 2s --arrivals 1/s --model=', /^USAGE: --model/],
])('%s: exit code 3, what was expected', (args, text) => {
  const { status, stderr, stdout } = advise(args)
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
  expect(stderr).toMatch(text)
  expect(stderr).toContain('See: npm run advise -- --help')
})

test('a profile that is not there', () => {
  const { status, stderr } = advise('--workers nowhere.json --arrivals 1/s')
  expect([status, stderr]).toEqual([
    3,
    expect.stringMatching(/^BAD_GPU_PROFILE: .*there is no such file\nMake a profile: npm run calibrate/),
  ])
})

test('a page that cannot be written is the user’s error', () => {
  const { status, stderr } = advise('--workers 2s --arrivals 0.1/s --html /nowhere/advice.html')
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/^BAD_FILE: --html: .*nowhere/) })
})

test('a trace: its own times and lengths; one that is too short is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'advise-'))
  try {
    const row = (i: number) =>
      `2023-11-16 18:${String(10 + Math.floor(i / 6)).padStart(2, '0')}:${String((i % 6) * 10).padStart(2, '0')}.5,${100 + i},${50 + i}`
    const file = (rows: number) => {
      const path = join(folder, `${rows}.csv`)
      writeFileSync(path, ['TIMESTAMP,ContextTokens,GeneratedTokens', ...Array.from({ length: rows }, (_, i) => row(i))].join('\n'))
      return path
    }
    const { status, stdout } = advise(`--workers rtx-4090,l4 --arrivals trace:${file(200)} --load 0.7 --json`)
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(document.inputs).toMatchObject({ arrivals: { kind: 'trace', rows: 200, load: 0.7 }, tokens: { prompt: 199.5, answer: 149.5 } })
    expect(document.command).toMatch(/^npm run advise -- --workers rtx-4090,l4 --arrivals trace:\S+ --load 0\.7$/)
    expect(advise(`--workers 2s --arrivals trace:${file(20)}`)).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/^BAD_TRACE: .*60 rows/),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
