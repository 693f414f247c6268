import { type ReplaySummary, SHARE_TOLERANCE_POINTS, SHARES_JUDGED_FROM_PROMPTS } from './judge.ts'
import type { ReplayPlan } from './plan.ts'

const seconds = (ms: number) => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`

/** The plan in a line or two, to print before the start. */
export function planText(plan: ReplayPlan): string {
  const { prompts, skippedRows, capacityPerSecond, stretch, work, gpus } = plan
  const lastsMs = prompts.at(-1)?.sendAtMs ?? 0
  return `${prompts.length} prompts in ${seconds(lastsMs)} (time scale ${work.timeScale}; gaps of the trace x ${stretch.toFixed(2)} before it), ${skippedRows} rows over the prompt cap skipped.
${gpus.join(' and ')} together can answer ${(capacityPerSecond * work.timeScale).toFixed(2)} prompts/s at this scale.`
}

/** The result for a person, verdict first. */
export function summaryText(summary: ReplaySummary): string {
  const { verdict, reasons, waitMs, idealWaitMs } = summary
  const waits = (w: ReplaySummary['waitMs']) =>
    `mean ${seconds(w.mean)}, p50 ${seconds(w.p50)}, p95 ${seconds(w.p95)}, longest ${seconds(w.max)}`
  const allowed =
    summary.sent < SHARES_JUDGED_FROM_PROMPTS
      ? `not judged: fewer than ${SHARES_JUDGED_FROM_PROMPTS} prompts`
      : `allowed +- ${SHARE_TOLERANCE_POINTS} points`
  return [
    `${verdict.toUpperCase()}: answered ${summary.answered}, lost ${summary.lost}, duplicates ${summary.visibleDuplicates}`,
    ...reasons.map(reason => `  ${reason}`),
    `sent ${summary.sent} of ${summary.planned}, visible errors ${summary.errors}, rows skipped ${summary.skippedRows}`,
    ...summary.shares.map(
      ({ name, prompts, sharePercent, idealSharePercent }) =>
        `${name}: ${prompts} prompts, ${sharePercent.toFixed(1)} % (ideal ${idealSharePercent.toFixed(1)} %, ${allowed})`,
    ),
    `wait until the answer starts: ${waits(waitMs)}`,
    `                       ideal: ${waits(idealWaitMs)}`,
  ].join('\n')
}
