import { loadWithGap } from '#checks/keeps-up'
import type { Verdict } from '#evidence/finding'
import { GAP } from '#evidence/gap'
import { eventsOf, type History } from '#evidence/history'
import { foreignCpu } from '#evidence/noise'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { modelWorkers, promptsOf, scheduleOf } from '#evidence/schedule'
import { idealSchedule, sharesOf, type Waits, waitsOf } from '#predictor'
import { findingText, verdictText } from '../finding-words.ts'
import { unfilledNotes } from '../model/unfilled.ts'
import { cardName } from '../words.ts'
import { heldNotes } from './held.ts'

/** A replay's run as `npm run replay -- --json` prints it. Keys are stable. Pure. */

export interface GpuShare {
  name: string
  /** Its card, and its slots if it has several. */
  card: string
  prompts: number
  sharePercent: number
  idealSharePercent: number
}

export interface ReplaySummary {
  verdict: Verdict
  /** Why it is not a pass; empty for a pass. */
  reasons: string[]
  /** What the verdict alone would not say. */
  notes: string[]
  planned: number
  sent: number
  answered: number
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
  /** From the intended send to the start of the inference, in real time. */
  waitMs: Waits
  idealWaitMs: Waits
  /** The same x `timeScale`: on the clock of GPUs that are not sped up, milliseconds. */
  waitInGpuTimeMs: Waits
  idealWaitInGpuTimeMs: Waits
  /** p95 wait / ideal p95 wait; null where the ideal has none. */
  p95TimesIdeal: number | null
  /** The longest p95 wait allowed; null if not judged. Wall milliseconds. */
  p95LimitMs: number | null
  /** The model's p95 wait with that gap; null if not judged. Wall milliseconds. */
  p95PredictedMs: number | null
  /** The gap measured in the warm-up; null if waits are not judged. Wall milliseconds. */
  gapMs: number | null
  /** Offered work as a share of capacity with the gap; null if unknown. */
  loadWithGap: number | null
  /** A worker may hold more than it runs; in the model that judges none does. */
  prefetchExceedsSlots: boolean
  /** What others than the lab used while it was measured. Percent of the machine. */
  foreignCpuPercent: { mean: number; worst: number }
}

/** @param planned prompts. @param skippedRows of the trace */
export function replaySummary(
  { verdict, arms }: Pick<RunDocument, 'verdict' | 'arms'>,
  events: History['events'],
  { planned, skippedRows }: Pick<ReplaySummary, 'planned' | 'skippedRows'>,
): ReplaySummary {
  const arm = arms[0]
  if (arm === undefined) throw new Error('a replay has one arm')
  const history: History = { ...arm.facts, events }
  const { timeScale, predicted } = arm
  const model = modelWorkers(history)
  const schedule = scheduleOf(promptsOf(history))
  const ideal = model === undefined ? [] : idealSchedule(model.tasksOf(schedule), model.workers)
  const idealShares = sharesOf(ideal, history.workers)
  const [waitMs, idealWaitMs] = [waitsOf(schedule), waitsOf(ideal)]
  const gpuOf = new Map(eventsOf(history, 'inference').map(({ task, gpu }) => [task, gpu]))
  const gap = predicted[GAP]?.value
  const bound = {
    p95TimesIdeal: idealWaitMs.p95 > 0 ? waitMs.p95 / idealWaitMs.p95 : null,
    p95LimitMs: predicted['waitP95Ms']?.high ?? null,
    p95PredictedMs: predicted['waitP95Ms']?.value ?? null,
    gapMs: gap ?? null,
    loadWithGap: (gap === undefined ? undefined : loadWithGap(history, gap)) ?? null,
  }
  const { mean, worst } = foreignCpu(history)
  return {
    verdict,
    reasons: reasonsOf(arm),
    notes: [...notesOf(waitMs.p95, bound, timeScale), ...heldNotes(schedule, timeScale), ...unfilledNotes(history.workers)],
    planned,
    ...endsOf(history),
    skippedRows,
    shares: arm.gpus.map(({ name, profile }, g) => {
      const prompts = schedule.filter(({ task }) => gpuOf.get(task) === name).length
      return {
        name,
        card: cardName(profile),
        prompts,
        sharePercent: percent(prompts, schedule.length),
        idealSharePercent: percent(idealShares[g] ?? 0, ideal.length),
      }
    }),
    timeScale,
    waitMs,
    idealWaitMs,
    waitInGpuTimeMs: inGpuTime(waitMs, timeScale),
    idealWaitInGpuTimeMs: inGpuTime(idealWaitMs, timeScale),
    ...bound,
    prefetchExceedsSlots: history.workers.some(({ prefetchTasks, slots }) => prefetchTasks === 0 || prefetchTasks > slots),
    foreignCpuPercent: { mean, worst },
  }
}

/** The ends of the trace's prompts. */
function endsOf(history: History): Pick<ReplaySummary, 'sent' | 'answered' | 'errors' | 'lost' | 'visibleDuplicates'> {
  const key = ({ user, clientMessageId }: { user: string; clientMessageId: string }) => `${user}:${clientMessageId}`
  const sends = eventsOf(history, 'send').filter(({ dueMs }) => dueMs !== undefined)
  const taskOf = new Map(eventsOf(history, 'stored').map(event => [key(event), event.task]))
  const refused = new Set(eventsOf(history, 'refused').map(key))
  const seen = Map.groupBy(
    eventsOf(history, 'shown').filter(({ task }) => task !== undefined),
    ({ user, task }) => `${user}:${task}`,
  )
  const ends = sends.map(send => {
    const shown = seen.get(`${send.user}:${taskOf.get(key(send))}`) ?? []
    const answers = shown.filter(({ answered }) => answered === true).length
    return { answers, errors: shown.length - answers + (refused.has(key(send)) ? 1 : 0) }
  })
  const count = (holds: (end: { answers: number; errors: number }) => boolean) => ends.filter(holds).length
  return {
    sent: sends.length,
    answered: count(({ answers }) => answers > 0),
    errors: count(({ answers, errors }) => answers === 0 && errors > 0),
    lost: count(({ answers, errors }) => answers === 0 && errors === 0),
    visibleDuplicates: ends.reduce((sum, { answers }) => sum + Math.max(0, answers - 1), 0),
  }
}

function reasonsOf(arm: ArmDocument): string[] {
  if (arm.verdict === 'pass') return []
  const found = arm.checks.filter(({ verdict }) => verdict !== 'pass').map(finding => `${finding.name}: ${findingText(finding)}`)
  return found.length > 0 ? found : [verdictText(arm)]
}

const percent = (part: number, whole: number) => (whole === 0 ? 0 : (100 * part) / whole)

function inGpuTime({ mean, p50, p95, max }: Waits, timeScale: number): Waits {
  return { mean: mean * timeScale, p50: p50 * timeScale, p95: p95 * timeScale, max: max * timeScale }
}

/** A pass this far from the ideal gets a note. Times the ideal's p95 wait. */
const NOTABLE = 1.5

/** A wait beyond the limit is not explained by the gap. */
function notesOf(
  p95Ms: number,
  { p95TimesIdeal, p95LimitMs, gapMs, loadWithGap }: Pick<ReplaySummary, 'p95TimesIdeal' | 'p95LimitMs' | 'gapMs' | 'loadWithGap'>,
  timeScale: number,
): string[] {
  if (p95LimitMs === null || gapMs === null || p95Ms > p95LimitMs) return []
  if (p95TimesIdeal === null || p95TimesIdeal < NOTABLE) return []
  const load = loadWithGap === null ? '' : ` and makes the load ${(100 * loadWithGap).toFixed(0)} %`
  const slower = timeScale > 1 ? ` A lower --time-scale (it is ${timeScale}) divides GPU times by less, so that the gap weighs less.` : ''
  return [
    `the p95 wait is ${p95TimesIdeal.toFixed(1)} times the ideal's, which has no gap; here the gap between two inferences takes ${gapMs.toFixed(1)} ms${load}.${slower}`,
  ]
}
