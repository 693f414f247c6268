import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadSecond } from '#evidence/load-document'
import { type Lab, startLab } from '#lab'
import { findK6, type K6Program } from './find.ts'
import { type K6LoadOptions, k6Load } from './load.ts'

/** The k6 scripts against a lab: by the stand-in, and by k6 where there is one. */
const STAND_IN: K6Program = { kind: 'binary', path: join(import.meta.dirname, 'stand-in', 'k6.ts') }
const cache = process.env['PREFETCH_LAB_CACHE'] || join(homedir(), '.cache', 'prefetch-lab')
const own = await findK6({ told: process.env['PREFETCH_LAB_K6'], path: process.env['PATH'] ?? '', cache }).catch(() => undefined)

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ settings: { timeScale: 50, gpuColdLoad: false } })
})
afterAll(() => lab[Symbol.asyncDispose]())

const FOR_MS = 3_000

async function load(options: Pick<K6LoadOptions, 'workload' | 'ratePerSecond'> & Partial<K6LoadOptions>) {
  const told: LoadSecond[] = []
  const result = await k6Load({
    nodes: lab.names('nodes').map(node => lab.url(node)),
    secret: lab.secret,
    users: 16,
    forMs: FOR_MS,
    warmUpMs: 500,
    seed: 1,
    answerTokens: 5,
    signal: new AbortController().signal,
    onSecond: second => told.push(second),
    ...options,
  })
  return { ...result, told }
}

const NOTHING_WRONG = { lost: 0, duplicates: 0, lostIds: [], measures: { phantoms: 0, unanswered: 0, refused: 0, disconnected: 0 } }

for (const { name, k6 } of [
  { name: 'under the stand-in', k6: STAND_IN },
  { name: own === undefined ? 'under k6 itself (none on this machine: skipped)' : 'under k6 itself', k6: own },
])
  describe.skipIf(k6 === undefined)(name, () => {
    test('chat: every message is stored, and seen once on the other node', async () => {
      const result = await load({ workload: 'chat', ratePerSecond: 100, ...(k6 === undefined ? {} : { k6 }) })
      const sent = (100 * FOR_MS) / 1_000
      expect(result).toMatchObject({
        ...NOTHING_WRONG,
        verdict: expect.not.stringMatching('fail'),
        latencyMs: { count: sent },
        storedMs: { count: sent },
      })
      expect(result.offeredPerSecond).toBe(100)
      expect(result.perSecond.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(sent)
      expect(result.told.slice(0, 3).map(({ second }) => second)).toEqual([0, 1, 2])
      // Whole milliseconds would mean that its clock cannot measure this system.
      expect(Number.isInteger(result.latencyMs.p50)).toBe(false)
    })

    test('bot: every prompt is answered once, its first piece first', async () => {
      const result = await load({ workload: 'bot', ratePerSecond: 4, ...(k6 === undefined ? {} : { k6 }) })
      expect(result).toMatchObject({ ...NOTHING_WRONG, latencyMs: { count: 12 }, latencies: { ttft: { count: 12 } } })
      expect(result.latencies['ttft']?.mean).toBeLessThanOrEqual(result.latencyMs.mean)
    })

    test('a node that dies under load fails the test', async () => {
      const options = { workload: 'chat', ratePerSecond: 50, drainMs: 500, ...(k6 === undefined ? {} : { k6 }) } as const
      const running = load({ ...options, onSecond: ({ second }) => void (second === 0 && killed.push(lab.kill('im-b'))) })
      const killed: Promise<unknown>[] = []
      const result = await running
      await Promise.all(killed)
      await lab.start('im-b')
      expect(result).toMatchObject({ verdict: 'fail', measures: { disconnected: 8 } })
      expect(result.thresholds.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)).toContain('none-disconnected')
    })
  })
