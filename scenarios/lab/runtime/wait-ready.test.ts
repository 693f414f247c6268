import { expect, test } from 'vitest'
import { DEFAULT_PLAN, partsOf } from '../plan.ts'
import { type Condition, lackingParts } from './lacking.ts'
import { type Waiting, waitReady } from './wait-ready.ts'

const FOREVER: Waiting = {
  missing: async () => ['/readyz'],
  ended: async () => undefined,
  lacking: async () => [],
  signal: AbortSignal.timeout(10_000),
  everyMs: 1,
  certainAfterMs: 50,
}

test.each<[what: string, change: Partial<Waiting>, reason: RegExp]>([
  [
    'a part that it needs is stopped',
    { lacking: async () => ['postgres is stopped. Start it: …'] },
    /misses \/readyz\npostgres is stopped/,
  ],
  [
    'a queue that somebody declared otherwise',
    { missing: async () => ['406 PRECONDITION_FAILED - inequivalent arg'] },
    /PRECONDITION_FAILED/,
  ],
  ['another password', { missing: () => Promise.reject(new Error('password authentication failed for user "lab"')) }, /authentication/],
  [
    'its process ended',
    { ended: async () => ({ reason: 'its process ended', portTaken: true }), certainAfterMs: 9_999 },
    /its process ended/,
  ],
])('what cannot become ready is reported once it is certain: %s', async (_, change, reason) => {
  const trouble = await waitReady({ ...FOREVER, ...change })
  expect(trouble?.reason).toMatch(reason)
  expect(trouble?.afterMs).toBeLessThan(5_000)
})

test('a passing trouble restarts the time; then it is ready', async () => {
  let looks = 0
  const passing = async () => (looks++ % 3 === 0 ? [] : ['im-a has ended'])
  const missing = async () => (looks < 60 ? ['/readyz'] : [])
  expect(await waitReady({ ...FOREVER, missing, lacking: passing, certainAfterMs: 5_000 })).toBeUndefined()
  expect(looks).toBeGreaterThanOrEqual(60)
})

test('a node lacks its database, a worker its GPU, its broker and the first node; what runs or comes up lacks nothing', async () => {
  const parts = partsOf(DEFAULT_PLAN)
  const named = (name: string) => parts.find(part => part.name === name) ?? expect.fail(`no ${name}`)
  const record = (wanted: 'running' | 'stopped') => ({ wanted, processes: [], startedAt: '', starts: 1, ports: {} })
  const lacking = (name: string, wanted: Record<string, 'running' | 'stopped'>, seen: Record<string, Condition> = {}) =>
    lackingParts(
      { name: 'mine', parts: Object.fromEntries(Object.entries(wanted).map(([part, how]) => [part, record(how)])) },
      DEFAULT_PLAN,
      named(name),
      async part => seen[part] ?? 'runs',
    )
  expect(await lacking('im-a', { postgres: 'running', rabbitmq: 'running' })).toEqual([])
  expect(await lacking('im-a', { postgres: 'stopped', rabbitmq: 'running' })).toEqual([expect.stringMatching(/^postgres is stopped/)])
  expect(await lacking('im-a', { postgres: 'running', rabbitmq: 'running' }, { rabbitmq: 'paused' })).toEqual([
    'rabbitmq is paused. Let it go on: npm run lab:resume rabbitmq -- --name mine',
  ])
  expect(await lacking('im-a', { postgres: 'running' }, { postgres: 'ended' })).toEqual([expect.stringMatching(/^postgres has ended/)])
  const alone = await lacking('worker-fast', { rabbitmq: 'running', 'gpu-fast': 'stopped', 'im-a': 'stopped', 'im-b': 'stopped' })
  expect(alone.map(text => text.split(' ')[0])).toEqual(['gpu-fast', 'im-a'])
})
