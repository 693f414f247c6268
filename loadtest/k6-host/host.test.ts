import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LoadSecond, Threshold } from '#evidence/load-document'
import { type K6LoadOptions, k6Load } from './load.ts'
import { commandOf, findK6, K6_ARGUMENTS, k6Env } from './run.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'k6-'))
  for (const path of ['first', 'second', 'cache/k6']) await mkdir(at(path), { recursive: true })
  for (const path of ['first/k6', 'second/k6', 'cache/k6/k6']) await writeFile(at(path), '')
  for (const path of ['second/k6', 'cache/k6/k6']) await chmod(at(path), 0o755)
})
afterAll(() => rm(folder, { recursive: true }))

describe('which k6 is taken', () => {
  const find = (named?: string, path = '') => findK6({ PREFETCH_LAB_K6: named, PATH: path }, at('cache'))

  test('the named one, else the first on the PATH that starts, else that of the cache', async () => {
    const path = [at('first'), at('second')].join(delimiter)
    expect(await find(at('cache/k6/k6'), path)).toBe(at('cache/k6/k6'))
    expect(await find('image:grafana/k6:2.3.0', path)).toBe('image:grafana/k6:2.3.0')
    expect(await find(undefined, path)).toBe(at('second/k6'))
    expect(await find()).toBe(at('cache/k6/k6'))
  })

  test('a named one that is none is not passed over', async () => {
    const message = expect.stringContaining(`PREFETCH_LAB_K6 names ${at('first/k6')}`)
    await expect(find(at('first/k6'))).rejects.toMatchObject({ code: 'K6_MISSING', message })
  })

  test('without any it says how to get one and names the built-in engine', async () => {
    const message = expect.stringMatching(/install-k6[\s\S]*PREFETCH_LAB_K6=image[\s\S]*placeholder[\s\S]*built-in engine/)
    await expect(findK6({ PATH: '' }, at('first'))).rejects.toMatchObject({ code: 'K6_MISSING', exitCode: 2, message })
  })
})

describe('what is started', () => {
  test('a binary on the script itself', () => {
    expect(commandOf('/opt/k6', 'a.ts', {})).toEqual(['/opt/k6', [...K6_ARGUMENTS, expect.stringMatching(/^\/.+\/a\.ts$/)]])
  })

  test("an image on the machine's network; the secret is on no command line", () => {
    const [program, args] = commandOf('image:grafana/k6', 'a.ts', { LAB_SECRET: 'hush', LAB_USERS: '2' })
    const command = [program, ...args].join(' ')
    expect(command).toMatch(
      /^docker run --rm --network=host --volume=\/\S+:\/lab:ro --env LAB_SECRET --env LAB_USERS grafana\/k6 run .*\/lab\/a\.ts$/,
    )
    expect(command).not.toContain('hush')
  })

  test('k6 sees no K6_ variable and no proxy of the shell', () => {
    const shell = {
      PATH: '/bin',
      DOCKER_HOST: 'unix:///d.sock',
      K6_VUS: '9',
      K6_OUT: 'cloud',
      HTTP_PROXY: 'http://127.0.0.1:9',
      LAB_NODES: 'evil',
    }
    const kept = { PATH: '/bin', DOCKER_HOST: 'unix:///d.sock', LAB_NODES: 'ours', K6_NO_USAGE_REPORT: 'true' }
    expect(k6Env(shell, { LAB_NODES: 'ours' })).toEqual(kept)
  })
})

/** A shell script in place of k6: writes `metric second value` samples and ends as k6 may end. */
async function ended(body: string, more = '', options: Partial<K6LoadOptions> = {}, judged = 'judged 1 1') {
  const samples = `offered -1 1, offered 0 1, late_ms 0 1, stored_ms 0 2, seen_ms 1 30, ${more}${judged}`.split(', ').map(text => {
    const [metric, second, value] = text.split(' ')
    return `echo '${JSON.stringify({ metric, type: 'Point', data: { value: Number(value), tags: { second } } })}'`
  })
  await writeFile(at('ends'), ['#!/bin/sh', 'echo banner', ...samples, body].join('\n'), { mode: 0o755 })
  const given = { nodes: ['http://127.0.0.1:1'], secret: 'hush', users: 2, ratePerSecond: 1, forMs: 2_000, seed: 1, p99LimitMs: 50 }
  const { signal } = new AbortController()
  return k6Load({ ...given, workload: 'chat', k6: at('ends'), signal, onSecond: () => {}, ...options })
}

test('from the samples to the figures', async () => {
  const told: LoadSecond[] = []
  const options: Partial<K6LoadOptions> = { workload: 'bot', users: 1, onSecond: second => told.push(second) }
  const result = await ended('exit 0', 'refused 1 1, redelivered 1 1, ttft_ms 1 7, ', options)
  expect(result).toMatchObject({
    verdict: 'pass',
    offeredPerSecond: 0.5,
    deliveredPerSecond: 0.5,
    latencyMs: { count: 1, mean: 30, p50: 30, p99: 30, max: 30 },
    storedMs: { p99: 2 },
    latencies: { late: { p99: 1 }, ttft: { p99: 7 } },
    measures: { phantoms: 0, unanswered: 0, refused: 1, apologies: 0, redelivered: 1, disconnected: 0 },
    lost: 0,
    duplicates: 0,
    perSecond: [
      { offered: 1, stored: 1, delivered: 0, failed: 0, latencyMs: null },
      { offered: 0, stored: 0, delivered: 1, failed: 1, latencyMs: { p50: 30 } },
    ],
  })
  expect(told).toEqual(result.perSecond.map(second => LoadSecond.parse(second)))
  for (const threshold of result.thresholds) Threshold.parse(threshold)
})

test.each<[what: string, run: () => Promise<unknown>, verdict: string, why: object]>([
  ['each fault is a limit', () => ended('exit 99', 'lost 1 2, '), 'fail', { values: { measure: 'lost', limit: 0, value: 2 } }],
  ['so is the p99', () => ended('exit 99', 'seen_ms 1 99, '), 'fail', { values: { measure: 'latencyMs.p99', limit: 50, value: 99 } }],
  ['k6 alone sees a threshold crossed', () => ended('exit 99'), 'fail', { code: 'k6-crossed' }],
  ['half of the tail is the lateness of k6', () => ended('exit 0', 'late_ms 1 16, '), 'unknown', { code: 'generator-bound' }],
])('%s', async (_, run, verdict, why) => expect(await run()).toMatchObject({ verdict, why }))

test('after an interrupt the whole seconds count', async () => {
  const stop = new AbortController()
  const waiting = "trap 'exit 105' INT; while :; do sleep 0.05; done"
  const result = await ended(waiting, 'offered 2 1, ', { signal: stop.signal, onSecond: () => stop.abort() }, 'offered 2 1')
  expect(result).toMatchObject({ offeredPerSecond: 0.5, deliveredPerSecond: 0.5, lost: 0 })
})

test.each<[what: string, run: () => Promise<unknown>, message: RegExp]>([
  ['with an error: its last lines', () => ended('echo nobody home >&2; exit 108'), /ended with 108[\s\S]*nobody home/],
  ['before its VUs judged their sends', () => ended('exit 0', '', {}, 'judged 1 0'), /expected 1 VUs to judge their sends, 0 did/],
  ['before it starts', () => ended('exit 0', '', { k6: at('nowhere') }), /nowhere/],
])('k6 ends %s', async (_, run, message) => {
  await expect(run()).rejects.toMatchObject({ code: 'K6_FAILED', exitCode: 2, message: expect.stringMatching(message) })
})
