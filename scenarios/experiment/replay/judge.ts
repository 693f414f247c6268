import { EXIT } from '#contracts/parts'
import { idealSchedule, sharesOf, summarise, type Waits, waitsOf } from '#predictor'
import { type ReplayPlan, replayTasks, replayWorkers, type SentPrompt } from './plan.ts'
import { type Conditions, inGpuTime, noiseOf, type WaitBound, waitBound, waitLimitMs, waitNotes } from './wait.ts'

/** What became of one prompt. */
export interface PromptOutcome extends SentPrompt {
  /** Answers that the asker sees. */
  answers: number
  /** Visible errors (busy, apology) that the asker sees in place of an answer. */
  errors: number
  /** GPU that ran it, the last one if several did; undefined = not known. */
  gpu: string | undefined
  /** First inference, on the clock of `publishedMs`; undefined = not known. */
  startedMs: number | undefined
}

export interface GpuShare {
  name: string
  prompts: number
  sharePercent: number
  idealSharePercent: number
}

export interface ReplaySummary extends WaitBound {
  verdict: 'pass' | 'fail' | 'unknown'
  /** Why it is no pass; empty for a pass. */
  reasons: string[]
  /** What the verdict alone would not say. */
  notes: string[]
  planned: number
  sent: number
  answered: number
  /** Prompts with an error and no answer. */
  errors: number
  /** Prompts with neither answer nor error. */
  lost: number
  /** Answers that an asker saw beside the first one. */
  visibleDuplicates: number
  /** Rows of the trace over the prompt cap. */
  skippedRows: number
  shares: GpuShare[]
  /** What GPU times and gaps were divided by. */
  timeScale: number
  /** From sending to the start of the inference, as measured on the wall. */
  waitMs: Waits
  idealWaitMs: Waits
  /** The same x `timeScale`: on the clock of GPUs that are not sped up, milliseconds. */
  waitInGpuTimeMs: Waits
  idealWaitInGpuTimeMs: Waits
  /** What others than the lab used while it was measured. Percent of the machine. */
  foreignCpuPercent: { mean: number; worst: number }
}

/** A GPU's share may be this far from the ideal schedule's. Percentage points. */
export const SHARE_TOLERANCE_POINTS = 5

/** Shares and p95 wait of fewer prompts are shown and not judged: one prompt would weigh more than a point, and a run of a quarter of a second says more
 *  about its beginning and its end than about dispatch. */
export const JUDGED_FROM_PROMPTS = 100

/** Judges a replay: everything answered once, each GPU's share as in the ideal schedule (same publish times and service times, first-in first-out, no
 *  hand-over, idle GPUs taken in turn), and the p95 wait no longer than that schedule's with this lab's hand-over. Where others kept the machine busy, a
 *  breach of the last two is unknown. `outcomes`: one per prompt that was sent, in the order of the plan. */
export function judgeReplay(plan: ReplayPlan, outcomes: readonly PromptOutcome[], conditions: Conditions): ReplaySummary {
  const workers = replayWorkers(plan, 1)
  const ideal = idealSchedule(replayTasks(plan, outcomes), workers)
  const count = (holds: (outcome: PromptOutcome) => boolean) => outcomes.filter(holds).length
  const placed = outcomes.filter(({ gpu }) => gpu !== undefined)
  const idealCounts = sharesOf(ideal, workers)
  const shares = plan.gpus.map((name, index): GpuShare => {
    const prompts = placed.filter(({ gpu }) => gpu === name).length
    return {
      name,
      prompts,
      sharePercent: percent(prompts, placed.length),
      idealSharePercent: percent(idealCounts[index] ?? 0, ideal.length),
    }
  })
  const started = outcomes.flatMap(({ startedMs, publishedMs }) => (startedMs === undefined ? [] : [Math.max(0, startedMs - publishedMs)]))
  const counts = {
    planned: plan.prompts.length,
    sent: outcomes.length,
    answered: count(({ answers }) => answers > 0),
    errors: count(({ answers, errors }) => answers === 0 && errors > 0),
    lost: count(({ answers, errors }) => answers === 0 && errors === 0),
    visibleDuplicates: outcomes.reduce((sum, { answers }) => sum + Math.max(0, answers - 1), 0),
  }
  const waits = { measured: summarise(started), ideal: waitsOf(ideal) }
  const judged = placed.length >= JUDGED_FROM_PROMPTS
  const bound = waitBound(plan, outcomes, waits, conditions, judged)
  const breaches = judged ? [...shareBreaches(shares), ...waitBreaches(waits.measured, waits.ideal, bound)] : []
  const { why: noise, ...foreignCpuPercent } = noiseOf(conditions)
  const failed = [...failures(counts), ...(noise === undefined ? breaches : [])]
  const unsure = [...doubts(counts, plan, outcomes), ...(noise === undefined ? [] : breaches.map(breach => `${noise}: ${breach}`))]
  if (judged && breaches.length === 0) unsure.push(...waitDoubts(plan, outcomes, waits, bound, noise))
  const { timeScale } = plan.work
  return {
    verdict: failed.length > 0 ? 'fail' : unsure.length > 0 ? 'unknown' : 'pass',
    reasons: [...failed, ...unsure],
    notes: waitNotes(waits.measured.p95, bound, timeScale),
    ...counts,
    skippedRows: plan.skippedRows,
    shares,
    timeScale,
    waitMs: waits.measured,
    idealWaitMs: waits.ideal,
    waitInGpuTimeMs: inGpuTime(waits.measured, timeScale),
    idealWaitInGpuTimeMs: inGpuTime(waits.ideal, timeScale),
    ...bound,
    foreignCpuPercent,
  }
}

type Counts = Pick<ReplaySummary, 'planned' | 'sent' | 'answered' | 'errors' | 'lost' | 'visibleDuplicates'>

function failures({ errors, lost, visibleDuplicates }: Counts): string[] {
  const found = []
  if (lost > 0) found.push(`expected no prompt lost, got ${lost}`)
  if (errors > 0) found.push(`expected answers only, got ${errors} visible errors`)
  if (visibleDuplicates > 0) found.push(`expected every answer once, got ${visibleDuplicates} visible duplicates`)
  return found
}

function shareBreaches(shares: readonly GpuShare[]): string[] {
  return shares.flatMap(({ name, sharePercent, idealSharePercent }) =>
    Math.abs(sharePercent - idealSharePercent) <= SHARE_TOLERANCE_POINTS + 1e-9
      ? []
      : [
          `${name}: expected ${idealSharePercent.toFixed(1)} % of the prompts (the ideal schedule's share) within ${SHARE_TOLERANCE_POINTS} points, got ${sharePercent.toFixed(1)} %`,
        ],
  )
}

function waitBreaches(measured: Waits, ideal: Waits, { p95LimitMs, handOverMs }: WaitBound): string[] {
  if (p95LimitMs === null || handOverMs === null || measured.p95 <= p95LimitMs) return []
  return [
    `expected a p95 wait of at most ${p95LimitMs.toFixed(0)} ms on the wall (ideal ${ideal.p95.toFixed(0)} ms; with hand-overs of ${handOverMs.toFixed(1)} ms as in this lab's warm-up, varied and with a tolerance), got ${measured.p95.toFixed(0)} ms`,
  ]
}

/** A bound beyond this says nothing of dispatch: as far from the ideal as prefetch-fairness lets a p95 wait be. Times the ideal p95, and milliseconds. */
const [FAR_FACTOR, FAR_MS] = [5, 60]

/** A bound that is wide because hand-overs were slow proves less than one that is wide because the plan is so. */
function waitDoubts(
  plan: ReplayPlan,
  sent: readonly SentPrompt[],
  { measured, ideal }: { measured: Waits; ideal: Waits },
  { handOverMs, loadWithHandOver, p95LimitMs }: WaitBound,
  noise: string | undefined,
): string[] {
  if (handOverMs === null || p95LimitMs === null) return ['expected to know what a hand-over takes here, the warm-up did not tell']
  // What needs no such allowance is as good as it looks.
  if (measured.p95 <= waitLimitMs(plan, sent, 0)) return []
  const slow = `hand-overs of ${handOverMs.toFixed(1)} ms`
  if (noise !== undefined)
    return [
      `${noise}: a p95 wait of ${measured.p95.toFixed(0)} ms on the wall is within its bound for ${slow} alone, and those may be theirs`,
    ]
  const load = loadWithHandOver ?? 0
  if (load < 1 && p95LimitMs <= FAR_FACTOR * ideal.p95 + FAR_MS) return []
  return [
    `expected GPUs that keep up, ${slow} make the load ${(100 * load).toFixed(0)} % and may take the p95 wait to ${p95LimitMs.toFixed(0)} ms by themselves; lower --time-scale`,
  ]
}

function doubts({ planned, sent }: Counts, plan: ReplayPlan, outcomes: readonly PromptOutcome[]): string[] {
  const found = []
  if (sent < planned) found.push(`expected ${planned} prompts sent, got ${sent}`)
  const nowhere = outcomes.filter(({ answers, gpu }) => answers > 0 && (gpu === undefined || !plan.gpus.includes(gpu))).length
  if (nowhere > 0) found.push(`expected to know the GPU of every answer, ${nowhere} are not known`)
  const unstarted = outcomes.filter(({ answers, startedMs }) => answers > 0 && startedMs === undefined).length
  if (unstarted > 0) found.push(`expected to know when every inference started, ${unstarted} are not known`)
  return found
}

const percent = (part: number, whole: number) => (whole === 0 ? 0 : (100 * part) / whole)

/** Exit code of `npm run replay`. */
export function exitCodeOf({ verdict }: Pick<ReplaySummary, 'verdict'>): number {
  return { pass: EXIT.ok, fail: EXIT.failed, unknown: EXIT.unknown }[verdict]
}
