import type { ReplayPlan } from '../../scenarios/experiment/replay/plan.ts'
import { JUDGED_FROM_PROMPTS, SHARE_TOLERANCE_POINTS } from '../../scenarios/experiment/replay/replay.ts'
import { agreementText } from '../model/agreement.ts'
import { duration } from '../predict/text.ts'
import { listed } from '../words.ts'
import type { ReplaySummary } from './summary.ts'
import { tooLongText } from './too-long.ts'

const seconds = (ms: number) => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
const NOT_JUDGED = `not judged: fewer than ${JUDGED_FROM_PROMPTS} prompts`

/** The plan in a line or two, to print before the start. */
export function planText(plan: ReplayPlan): string {
  const { prompts, tooLong, capacityPerSecond, stretch, work, gpus } = plan
  const lastsMs = prompts.at(-1)?.sendAtMs ?? 0
  return `${prompts.length} prompts in ${seconds(lastsMs)} (time scale ${work.timeScale}; gaps of the trace x ${stretch.toFixed(2)} before it); ${tooLongText(tooLong)}.
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
    `sent ${sent} of ${summary.planned}, visible errors ${summary.errors}, rows skipped ${summary.skippedRows}${summary.skippedRows > 0 ? ' (prompts too long)' : ''}`,
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

/** What the model says of it. Its workers have no more prefetch than slots. */
function predictedLine(summary: ReplaySummary): string[] {
  const { timeScale, waitMs, idealWaitMs, p95PredictedMs, p95LimitMs, gapMs, loadWithGap, foreignCpuPercent, prefetchExceedsSlots } =
    summary
  if (p95PredictedMs === null || gapMs === null || p95PredictedMs === 0) return []
  const beside = agreementText({
    measuredP95Ms: waitMs.p95,
    predictedP95Ms: p95PredictedMs,
    ...(p95LimitMs === null ? {} : { highMs: p95LimitMs }),
    idealP95Ms: idealWaitMs.p95,
    gapMs,
    timeScale,
    loadWithGap,
    foreignWorstPercent: foreignCpuPercent.worst,
    ...(prefetchExceedsSlots ? { leftOut: 'A worker holds more than its slots, in the model none does' } : {}),
  })
  return [beside]
}

function p95Line({ sent, waitMs, p95TimesIdeal, p95LimitMs, gapMs }: ReplaySummary): string {
  const times = p95TimesIdeal === null ? 'the ideal has no wait' : `${p95TimesIdeal.toFixed(1)} x the ideal's`
  if (p95LimitMs === null || gapMs === null) return `p95: ${times} (${sent < JUDGED_FROM_PROMPTS ? NOT_JUDGED : 'not judged'})`
  const bound = `allowed up to ${seconds(p95LimitMs)} on the wall: the ideal with this lab's gap of ${gapMs.toFixed(1)} ms between two inferences, varied, and a tolerance`
  return `p95: ${seconds(waitMs.p95)} is ${times}; ${bound}`
}
