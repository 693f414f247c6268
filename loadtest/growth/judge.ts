import type { GrowthDocument, GrowthSample, GrowthSeries } from '#evidence/growth-document'
import { isQuiet } from '#evidence/peers-quiet'
import { median, medianInterval } from '#evidence/statistics'

/** From samples to how much a message's cost grows. Pure. */

type Points = GrowthSeries['points']

export const costUs = ({ cpuUs }: Pick<GrowthSample, 'cpuUs'>): number => Object.values(cpuUs).reduce((sum, us) => sum + us, 0)

/** Cost at the largest size over that at the smallest, within each quiet repetition. */
export function growthOf(points: Points): GrowthSeries['growth'] {
  const [first, last] = [points.at(0), points.at(-1)]
  const ratios = (first?.samples ?? []).filter(isQuiet).flatMap(small => {
    const large = last?.samples.find(sample => sample.repetition === small.repetition && isQuiet(sample))
    return large === undefined ? [] : [costUs(large) / costUs(small)]
  })
  return ratios.length === 0 ? null : { ratio: median(ratios), interval: medianInterval(ratios), repetitions: ratios.length }
}

/** Whatever a size costs, a message that is lost or seen twice has failed. */
export function growthVerdict(series: readonly GrowthSeries[]): GrowthDocument['verdict'] {
  const samples = series.flatMap(({ points }) => points.flatMap(point => point.samples))
  if (samples.some(({ lost, duplicates }) => lost + duplicates > 0)) return 'fail'
  const undecided = series.some(({ growth, points }) => growth === null || points.some(point => !point.samples.some(isQuiet)))
  return undecided || series.length === 0 ? 'unknown' : 'pass'
}

/** A stored run, judged again. Pure. */
export function judgeGrowthAgain(document: GrowthDocument): GrowthDocument {
  const series = document.series.map(one => ({ ...one, growth: growthOf(one.points) }))
  return { ...document, series, verdict: growthVerdict(series) }
}
