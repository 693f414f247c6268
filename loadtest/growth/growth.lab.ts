import { expect, test } from 'vitest'
import { DEFAULT_PLAN } from '#lab'
import { runGrowth } from './run.ts'
import type { Axis } from './sizes.ts'

/** Small sizes of each kind, on two labs: every message is counted, every part's CPU is seen. */

const AXES: Axis[] = [
  { axis: 'nodes', sizes: [3], systems: ['ours', 'hop-fanout', 'hop-routed'] },
  { axis: 'backlog', sizes: [0, 500], systems: ['queue-classic', 'queue-quorum'] },
]

test('nodes and a backlog grow', async () => {
  const seen: string[] = []
  const { series, verdict } = await runGrowth({
    axes: AXES,
    labPlan: { ...DEFAULT_PLAN, workers: [], gpus: [], settings: { userFramesPerSecond: 1_000_000 } },
    plan: { repetitions: 1, warmUpMs: 200, forMs: 500, outstanding: 50 },
    signal: new AbortController().signal,
    onPiece: (...[axis, system, size]) => seen.push(`${axis} ${system} ${size}`),
  })
  // Beside other tests a piece may be disturbed, which ends its round.
  expect(seen).toEqual(expect.arrayContaining(['nodes ours 3', 'backlog queue-classic 0']))
  expect(['pass', 'unknown']).toContain(verdict)
  const samples = series.flatMap(({ points }) => points.flatMap(point => point.samples))
  for (const { cpuUs, lost, duplicates, perSecond } of samples) {
    expect([lost, duplicates]).toEqual([0, 0])
    expect(perSecond).toBeGreaterThan(0)
    expect(Object.keys(cpuUs)).toContain('broker')
  }
  const ours = series.find(({ system }) => system === 'ours')?.points[0]?.samples[0]
  expect(Object.keys(ours?.cpuUs ?? {}).sort()).toEqual(['broker', 'database', 'node'])
})
