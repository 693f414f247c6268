import { predictedBands } from '#evidence/bands'
import { foreignCpu, tooNoisy } from '#evidence/noise'
import { capacityPerSecond, type Waits } from '#predictor'
import { type ReplayPlan, replayTasks, replayWorkers, type SentPrompt } from './plan.ts'

/** How long a replay's prompts may wait, and on which clock a wait is told. Pure. */

/** Under what a replay ran. */
export interface Conditions {
  /** Between two inferences of one worker while prompts wait, measured in the warm-up; undefined = not known. Milliseconds of the wall. */
  handOverMs: number | undefined
  /** CPU that others than the lab used, second by second. Percent of the machine. */
  foreignCpuPercent: readonly number[]
}

/** The p95 wait beside the ideal's. */
export interface WaitBound {
  /** p95 wait / ideal p95 wait; null where the ideal has none. */
  p95TimesIdeal: number | null
  /** Longest p95 wait that is no breach; null where it is not judged. Milliseconds of the wall. */
  p95LimitMs: number | null
  handOverMs: number | null
  /** Offered work as a share of the GPUs' capacity, the hand-over included; null where that is not known. */
  loadWithHandOver: number | null
}

/** Beyond the model: as the lab's scenarios have it. Share of the p95, and milliseconds. */
export const WAIT_TOLERANCE = [0.1, 10] as const

/** What the ideal becomes in a lab whose hand-overs take time: forty replications of the model with prefetch 1, that hand-over varied, the longest p95 of them and a
 *  tolerance. The time scale divides GPU times and no hand-over: at 50 a few milliseconds are a tenth of a prompt, and GPUs offered 80 % are nearly full. */
export function waitLimitMs(plan: ReplayPlan, sent: readonly SentPrompt[], handOverMs: number): number {
  const tolerances = { waitP95Ms: WAIT_TOLERANCE }
  // With one inference at a time a prompt takes what it takes, prefill included, and where its prefill ends decides nothing.
  const tasks = replayTasks(plan, sent).map(({ id, publishedMs, serviceMs }) => ({ id, publishedMs, serviceMs }))
  const bands = predictedBands({
    tasks,
    workers: replayWorkers(plan, 1),
    gapMs: handOverMs,
    seed: plan.work.seed,
    tolerances,
  })
  return bands['waitP95Ms']?.high ?? 0
}

export function waitBound(
  plan: ReplayPlan,
  sent: readonly SentPrompt[],
  waits: { measured: Waits; ideal: Waits },
  { handOverMs }: Conditions,
  judged: boolean,
): WaitBound {
  return {
    p95TimesIdeal: waits.ideal.p95 > 0 ? waits.measured.p95 / waits.ideal.p95 : null,
    p95LimitMs: judged && handOverMs !== undefined ? waitLimitMs(plan, sent, handOverMs) : null,
    handOverMs: handOverMs ?? null,
    loadWithHandOver: handOverMs === undefined ? null : loadOf(plan, sent, handOverMs),
  }
}

function loadOf(plan: ReplayPlan, sent: readonly SentPrompt[], handOverMs: number): number | null {
  const lastsMs = plan.prompts.at(-1)?.sendAtMs ?? 0
  if (sent.length === 0 || lastsMs === 0) return null
  const occupied = replayTasks(plan, sent).map(({ serviceMs }) => serviceMs.map(ms => ms + handOverMs))
  return ((plan.prompts.length - 1) * 1_000) / lastsMs / capacityPerSecond(occupied, plan.gpus.length)
}

/** What others used of the machine, and why times of this replay prove nothing against it; no `why` where they do. Percent of the machine. */
export function noiseOf({ foreignCpuPercent }: Conditions): { mean: number; worst: number; why?: string } {
  const events = foreignCpuPercent.map(percent => ({ kind: 'noise' as const, atMs: 0, foreignCpuPercent: percent, timerLateP99Ms: 0 }))
  const { mean, worst } = foreignCpu({ events })
  if (tooNoisy({ events }) === undefined) return { mean, worst }
  return { mean, worst, why: `too noisy to tell (others used ${mean.toFixed(0)} % of the machine, ${worst.toFixed(0)} % at worst)` }
}

/** The same waits on the clock of GPUs that are not sped up: times the scale, the hand-overs in them too. */
export function inGpuTime(waits: Waits, timeScale: number): Waits {
  return { mean: waits.mean * timeScale, p50: waits.p50 * timeScale, p95: waits.p95 * timeScale, max: waits.max * timeScale }
}

/** So far from the ideal, a pass is not without a word. */
const NOTABLE = 1.5

/** What a verdict alone would not say. A wait beyond the bound is not the hand-over's. */
export function waitNotes(
  p95Ms: number,
  { p95TimesIdeal, p95LimitMs, handOverMs, loadWithHandOver }: WaitBound,
  timeScale: number,
): string[] {
  if (p95LimitMs === null || handOverMs === null || p95Ms > p95LimitMs) return []
  if (p95TimesIdeal === null || p95TimesIdeal < NOTABLE) return []
  const load = loadWithHandOver === null ? '' : `, which makes the load ${(100 * loadWithHandOver).toFixed(0)} %`
  const slower =
    timeScale > 1 ? ` A lower --time-scale (it is ${timeScale}) divides the GPU times by less, and the same hand-over weighs less.` : ''
  return [
    `the p95 wait is ${p95TimesIdeal.toFixed(1)} x the ideal's, which hands over in no time; here a hand-over takes ${handOverMs.toFixed(1)} ms${load}.${slower}`,
  ]
}
