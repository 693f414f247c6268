import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, startLab } from '#lab'
import { httpLoad } from './http-load.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const load = (changed: { secret?: string; onSecond?: (route: string) => void } = {}) =>
  httpLoad({
    nodes: lab.names('nodes').map(node => lab.url(node)),
    secret: lab.secret,
    forMs: 8_000,
    connections: 4,
    signal: new AbortController().signal,
    ...changed,
  })

test('every route of both nodes answers well, each with its figures', async () => {
  const told = new Set<string>()
  const result = await load({ onSecond: route => told.add(route) })
  expect(result).toMatchObject({ verdict: 'pass', engine: 'autocannon' })
  expect(result.routes.map(({ route }) => route)).toEqual(['health', 'ready', 'login', 'history'])
  for (const { failed, latencyMs } of result.routes) {
    expect(failed).toBe(0)
    expect(latencyMs.count).toBeGreaterThan(50)
    expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p99)
  }
  expect([...told]).toEqual(['health', 'ready', 'login', 'history'])
  expect(result.perSecond.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(result.latencyMs.count)
})

test('a node that dies under load fails it, and says what the failures were', async () => {
  const killed: Promise<unknown>[] = []
  const result = await load({ onSecond: () => void (killed.length === 0 && killed.push(lab.kill('im-b'))) })
  await Promise.all(killed)
  expect(result).toMatchObject({ verdict: 'fail', why: { code: 'answers-bad' } })
  const [[what, count] = []] = Object.entries(result.why.values)
  expect([what, count]).toEqual([expect.stringMatching(/^health: \w/), expect.any(Number)])
})
