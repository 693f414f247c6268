import type { ReplayPlan } from '../../scenarios/experiment/replay/plan.ts'
import { JUDGED_FROM_PROMPTS, SHARE_TOLERANCE_POINTS } from '../../scenarios/experiment/replay/replay.ts'
import { duration } from '../predict/text.ts'
import { listed } from '../words.ts'
import type { ReplaySummary } from './summary.ts'

const seconds = (ms: number) => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
const NOT_JUDGED = `not judged: fewer than ${JUDGED_FROM_PROMPTS} prompts`

/** The plan in a line or two, to print before the start. */
export function planText(plan: ReplayPlan): string {
  const { prompts, skippedRows, capacityPerSecond, stretch, work, gpus } = plan
  const lastsMs = prompts.at(-1)?.sendAtMs ?? 0
  return `${prompts.length} prompts in ${seconds(lastsMs)} (time scale ${work.timeScale}; gaps of the trace x ${stretch.toFixed(2)} before it), ${skippedRows} rows over the prompt cap skipped.
${listed(gpus)} together can answer ${(capacityPerSecond * work.timeScale).toFixed(2)} prompts/s at this scale.`
}

/** The result for a person, verdict first. */
export function summaryText(summary: ReplaySummary): string {
  const { verdict, reasons, notes, sent, shares } = summary
  const allowed = sent < JUDGED_FROM_PROMPTS ? NOT_JUDGED : `allowed +- ${SHARE_TOLERANCE_POINTS} points`
  return [
    `${verdict.toUpperCase()}: answered ${summary.answered}, lost ${summary.lost}, duplicates ${summary.visibleDuplicates}`,
    ...reasons.map(reason => `  ${reason}`),
    ...notes.map(note => `  note: ${note}`),
    `sent ${sent} of ${summary.planned}, visible errors ${summary.errors}, rows skipped ${summary.skippedRows}`,
    ...shares.map(
      ({ name, card, prompts, sharePercent, idealSharePercent }) =>
        `${name}, ${card}: ${prompts} prompts, ${sharePercent.toFixed(1)} % (ideal ${idealSharePercent.toFixed(1)} %, ${allowed})`,
    ),
    ...waitLines(summary),
  ].join('\n')
}

/** Waits until the answer starts, on both clocks where they differ. */
function waitLines(summary: ReplaySummary): string[] {
  const { timeScale, waitMs, idealWaitMs, waitInGpuTimeMs, idealWaitInGpuTimeMs, foreignCpuPercent } = summary
  const waits = (w: ReplaySummary['waitMs'], say: (ms: number) => string) =>
    `mean ${say(w.mean)}, p50 ${say(w.p50)}, p95 ${say(w.p95)}, longest ${say(w.max)}`
  const scaled = timeScale !== 1
  return [
    `wait until the answer starts${scaled ? `, in GPU time (the gaps too)` : ''}:`,
    `  measured: ${waits(waitInGpuTimeMs, duration)}`,
    `  ideal:    ${waits(idealWaitInGpuTimeMs, duration)}`,
    ...(scaled
      ? [
          `the same on the wall (time scale ${timeScale}: a second here is ${seconds(1_000 * timeScale)} of GPU time):`,
          `  measured: ${waits(waitMs, seconds)}`,
          `  ideal:    ${waits(idealWaitMs, seconds)}`,
        ]
      : []),
    ...predictedLine(summary),
    p95Line(summary),
    `others used ${foreignCpuPercent.mean.toFixed(0)} % of the machine, ${foreignCpuPercent.worst.toFixed(0)} % at worst`,
  ]
}

/** Nearer than this, two p95 waits are the same: as much as other draws of the same load differ. */
const AGREE_PERCENT = 20

/** What the model says of it, and why it may not agree. */
function predictedLine({ timeScale, waitMs, idealWaitMs, p95PredictedMs, gapMs, loadWithGap, foreignCpuPercent }: ReplaySummary): string[] {
  if (p95PredictedMs === null || gapMs === null || p95PredictedMs === 0) return []
  const inGpuTime = (ms: number) => duration(ms * timeScale)
  const apart = (100 * Math.abs(waitMs.p95 - p95PredictedMs)) / p95PredictedMs
  const gap = `the gap of ${gapMs.toFixed(1)} ms between two inferences${timeScale === 1 ? '' : ` x time scale ${timeScale} is ${inGpuTime(gapMs)} of GPU time`}`
  const load = loadWithGap === null ? '' : ` and makes the load ${(100 * loadWithGap).toFixed(0)} %`
  const figures = `model, with ${gap}${load}: p95 ${inGpuTime(p95PredictedMs)}, without it ${inGpuTime(idealWaitMs.p95)}; measured ${inGpuTime(waitMs.p95)}`
  if (apart <= AGREE_PERCENT) return [`${figures}: they agree within ${apart.toFixed(0)} %.`]
  const why =
    waitMs.p95 > p95PredictedMs
      ? `Others used up to ${foreignCpuPercent.worst.toFixed(0)} % of the machine, or the prefetch is more than the slots (the model's is not)`
      : 'This run had better luck than the worst gap of the warm-up'
  return [`${figures}: ${apart.toFixed(0)} % apart. ${why}.`]
}

function p95Line({ sent, waitMs, p95TimesIdeal, p95LimitMs, gapMs }: ReplaySummary): string {
  const times = p95TimesIdeal === null ? 'the ideal has no wait' : `${p95TimesIdeal.toFixed(1)} x the ideal's`
  if (p95LimitMs === null || gapMs === null) return `p95: ${times} (${sent < JUDGED_FROM_PROMPTS ? NOT_JUDGED : 'not judged'})`
  const bound = `allowed up to ${seconds(p95LimitMs)} on the wall: the ideal with this lab's gap of ${gapMs.toFixed(1)} ms between two inferences, varied, and a tolerance`
  return `p95: ${seconds(waitMs.p95)} is ${times}; ${bound}`
}
