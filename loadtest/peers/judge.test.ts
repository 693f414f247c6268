import { expect, test } from 'vitest'
import type { PeerSample, PeerSeries } from '#evidence/peers-document'
import { judgeTarget, verdictOf } from './judge.ts'
import { type Load, type SystemName, targetsNamed } from './targets.ts'

const SAMPLE: PeerSample = {
  ...{ repetition: 0, perSecond: 0, p50Ms: 1, p99Ms: 2, cpuUs: { node: 40 }, generatorUs: 10, foreignPercent: 0, rssMiB: { node: 90 } },
  ...{ sent: 10, stored: 0, lost: 0, duplicates: 0, reordered: 0, lateP99Ms: 0 },
}
/** A repetition each; the machine gets slower from one to the next, as it does. */
const series = (system: SystemName, load: Load, perSecond: number, more: Partial<PeerSample> = {}, repetitions = 5): PeerSeries => ({
  system,
  load,
  samples: Array.from({ length: repetitions }, (_, repetition) => ({
    ...SAMPLE,
    repetition,
    perSecond: perSecond * (1 - repetition / 10),
    ...more,
  })),
})
const judged = (names: string[], all: PeerSeries[]) => (targetsNamed(names) ?? []).map(target => judgeTarget(target, all))

/** As the sketch measured them: the batched way, or the plain one in its place. */
const chat = (perSecond: number, cpu: number, p50Ms: number): PeerSeries[] => [
  series('ours', 'closed-1000', perSecond, { cpuUs: { node: cpu / 2, database: cpu / 2 } }),
  series('ours', 'rows-1000', perSecond * 0.95),
  series('ours', 'closed-200', perSecond * 0.7),
  series('ours', 'open-1000', 1_000, { p50Ms }),
  series('socket.io-redis', 'closed-1000', 38_000, { cpuUs: { node: 34, redis: 11 } }),
  series('socket.io-sharded', 'closed-1000', 39_000, { cpuUs: { node: 30, redis: 9 } }),
  series('socket.io-streams', 'closed-1000', 27_000, { cpuUs: { node: 56, redis: 9 } }),
  series('socket.io-redis', 'rows-1000', 38_000),
  series('socket.io-redis', 'closed-200', 25_000),
  series('socket.io-redis', 'open-1000', 1_000, { p50Ms: 0.34 }),
  series('plain', 'closed-1000', 4_800),
]

test.each([
  { what: 'batched', perSecond: 62_000, cpu: 22, p50Ms: 0.9, met: [true, true, true, true], verdict: 'pass' },
  { what: 'one publish each', perSecond: 18_000, cpu: 110, p50Ms: 1.1, met: [false, false, false, false], verdict: 'fail' },
])('$what in our place', ({ perSecond, cpu, p50Ms, met, verdict }) => {
  const targets = judged(['1', '2', '4', '5-1000'], chat(perSecond, cpu, p50Ms))
  expect(targets.map(target => target.met)).toEqual(met)
  expect(verdictOf(targets)).toBe(verdict)
})

test('R is the best of the adapters at that load, and the ratio is taken repetition by repetition', () => {
  const [one, four] = judged(['1-1000', '4'], chat(58_500, 20, 1))
  expect(one?.parts[0]).toMatchObject({ peer: 'socket.io-sharded', ours: 46_800, theirs: 31_200 })
  expect(one?.ratio).toBeCloseTo(1.5)
  expect(one?.interval?.[1]).toBeCloseTo(1.5)
  // For CPU as well: not the adapter with the least CPU, but the one that R is.
  expect(four?.parts[0]).toMatchObject({ peer: 'socket.io-sharded', theirs: 39 })
})

test('one gate that is missed misses its target', () => {
  const all = chat(62_000, 20, 1).map(each =>
    each.load === 'closed-200' && each.system === 'ours' ? series('ours', 'closed-200', 20_000) : each,
  )
  const [one] = judged(['1'], all)
  expect(one?.parts.map(({ met }) => met)).toEqual([true, true, false])
  expect(one?.met).toBe(false)
})

test('a system that lost or doubled one message missed, however fast it was', () => {
  for (const wrong of [{ lost: 1 }, { duplicates: 1 }]) {
    const all = [series('ours', 'closed-1000', 90_000, wrong), series('socket.io-redis', 'closed-1000', 38_000)]
    expect(judged(['1-1000'], all)[0]?.parts[0]).toMatchObject({ met: false, why: 'lost-or-doubled' })
  }
})

test('fewer than five repetitions decide nothing, and nothing measured neither', () => {
  const few = [series('ours', 'closed-1000', 90_000, {}, 4), series('socket.io-redis', 'closed-1000', 38_000)]
  const targets = judged(['1-1000'], few)
  expect(targets[0]?.parts[0]).toMatchObject({ met: null, why: 'too-few-repetitions', repetitions: 4 })
  expect(verdictOf(targets)).toBe('unknown')
  expect(judged(['2'], [])[0]).toMatchObject({ met: null, ratio: null, why: 'not-measured' })
})

test('pieces that other processes disturbed do not count, and too few quiet ones decide nothing', () => {
  const disturbed = (of: PeerSeries, from: number): PeerSeries => ({
    ...of,
    samples: of.samples.map(sample => (sample.repetition < from ? sample : { ...sample, perSecond: 1, foreignPercent: 40 })),
  })
  const all = (quiet: number) => [
    disturbed(series('ours', 'closed-1000', 60_000, {}, 7), quiet),
    series('socket.io-redis', 'closed-1000', 30_000, {}, 7),
  ]
  expect(judged(['1-1000'], all(5))[0]?.parts[0]).toMatchObject({ met: true, ratio: 2, repetitions: 5 })
  expect(judged(['1-1000'], all(4))[0]?.parts[0]).toMatchObject({ met: null, ratio: 2, why: 'too-few-repetitions' })
  expect(judged(['1-1000'], all(0))[0]?.parts[0]).toMatchObject({ met: null, why: 'too-noisy' })
})

test('a row without gate is judged and does not decide', () => {
  const targets = judged(['3'], [series('ours', 'closed-1000', 10_000, {}, 2), series('direct', 'closed-1000', 100_000, {}, 2)])
  expect(targets[0]).toMatchObject({ gate: false, met: false })
  expect(verdictOf(targets)).toBe('pass')
})
