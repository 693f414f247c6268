import { FOREIGN_CPU_MAX_PERCENT } from '#evidence/noise'
import { duration } from '../predict/text.ts'

/** What a model says beside what was measured, and why they may differ. Pure. */

/** Nearer than this, two p95 waits are the same: as much as other draws of the same load differ. */
const AGREE_PERCENT = 20

export interface BesideModel {
  /** Wall milliseconds, like all below. */
  measuredP95Ms: number
  /** With the gap. */
  predictedP95Ms: number
  /** How far other draws of the gap and of the arrivals reach. */
  lowMs?: number
  highMs?: number
  /** Without a gap. */
  idealP95Ms: number
  gapMs: number
  timeScale: number
  /** Offered work as a share of capacity with the gap; null if unknown. */
  loadWithGap: number | null
  /** What others used of the machine in its worst second. */
  foreignWorstPercent: number
  /** What the model leaves out here beside others' work, as a main clause. */
  leftOut?: string
}

/** How far a measured p95 is from the model's. */
export function apartPercent(measuredMs: number, predictedMs: number): number {
  return Math.round((100 * Math.abs(measuredMs - predictedMs)) / Math.max(1, predictedMs))
}

export const agrees = (percent: number) => percent <= AGREE_PERCENT

/** One line: both p95 waits in GPU time, then how near they are, or why they are not. */
export function agreementText(beside: BesideModel): string {
  const { measuredP95Ms, predictedP95Ms, lowMs, highMs, idealP95Ms, gapMs, timeScale, loadWithGap } = beside
  const inGpuTime = (ms: number) => duration(ms * timeScale)
  const from = lowMs === undefined ? 'up' : inGpuTime(lowMs)
  const between = highMs === undefined ? '' : ` (${from} to ${inGpuTime(highMs)})`
  const scaled = timeScale === 1 ? '' : ` x time scale ${timeScale} is ${inGpuTime(gapMs)} of GPU time`
  const load = loadWithGap === null ? '' : ` and makes the load ${(100 * loadWithGap).toFixed(0)} %`
  const figures = `model, with the gap of ${gapMs.toFixed(1)} ms between two inferences${scaled}${load}: p95 wait ${inGpuTime(predictedP95Ms)}${between}, without it ${inGpuTime(idealP95Ms)}; measured ${inGpuTime(measuredP95Ms)}`
  const percent = apartPercent(measuredP95Ms, predictedP95Ms)
  if (agrees(percent)) return `${figures}: they agree within ${percent} %.`
  const isWithin = highMs !== undefined && measuredP95Ms >= (lowMs ?? predictedP95Ms) && measuredP95Ms <= highMs
  if (isWithin) return `${figures}: they agree within the model's interval, ${percent} % apart.`
  return `${figures}: ${percent} % apart. ${whyApart(beside)}`
}

function whyApart({ measuredP95Ms, predictedP95Ms, foreignWorstPercent, leftOut }: BesideModel): string {
  const others = `Others used up to ${foreignWorstPercent.toFixed(0)} % of the machine`
  if (measuredP95Ms < predictedP95Ms) return 'The gap in this run was shorter than the one that the model has.'
  if (leftOut !== undefined) return `${leftOut}. ${others}.`
  return foreignWorstPercent > FOREIGN_CPU_MAX_PERCENT ? `${others}.` : `${others}, which does not explain it. See: npm run report`
}
