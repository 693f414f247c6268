import { draw, normal } from '#contracts/gpu-timing'
import { type Answer, answerMeasures } from '#evidence/answers'
import { measureNamed } from '#evidence/measures'
import { type ModelTask, type ModelWorker, predictSchedule, type Schedule } from '#predictor'

/** What a profile predicts of a real server's run, and whether a run agrees. Pure. */

/** Times of the same prompts, drawn anew by seed. */
export type DrawTimes = (seed: number) => readonly Pick<ModelTask, 'serviceMs'>[]

export interface Work {
  ids: readonly string[]
  dueMs: readonly number[]
  draw: DrawTimes
  worker: ModelWorker
  /** Between two inferences of the worker, measured before the run. Milliseconds. */
  gapMs: number
  seed: number
  /** An answer's time beside the lab, relative to the profile: they share cores and caches. */
  beside: number
  /** How far the server's speed may lie from the profile's: a share of it. */
  spread: number
  /** Single answers of the warm-up relative to their median: a run's end rests on one answer. */
  ratios: readonly number[]
}

export interface Predicted {
  /** Its label … */
  what: string
  /** … and its name in the table of measures. */
  measure: string
  /** Milliseconds, as all below. */
  predicted: number
  low: number
  high: number
}

export interface Compared extends Predicted {
  measured: number
  /** The model on measured times: far from `measured` dispatch is wrong, from `predicted` speed. */
  retold: number
  agrees: boolean
}

const REPLICATIONS = 40
/** From a client's intended time to the broker. Milliseconds. */
const ARRIVAL_DELAY_MS = [1, 6] as const
/** The gap of a run, relative to the one measured before it. */
const GAP_SPREAD = [0.8, 1.5] as const
/** Lab and model share cores: slack beyond replications. Milliseconds. */
const PATH_MS = 40

/** Made before the run: replications redraw times, slowdown, spread and the way to the broker. */
export function predictions(work: Work): Predicted[] {
  const { ids, seed, spread, gapMs, beside, ratios } = work
  const value = scheduled(work, work.draw(seed), { speed: 1 / beside, gapMs, delayMs: () => 0 })
  const runs = Array.from({ length: REPLICATIONS }, (_, replication) => {
    const between = ([low, high]: readonly [number, number], name: string, key = '') =>
      low + (high - low) * draw(seed, `${replication}:${key}`, name)
    const speed = between([1 - spread, 1 + spread], 'speed')
    const gap = gapMs * between(GAP_SPREAD, 'gap')
    const delayMs = (index: number) => between(ARRIVAL_DELAY_MS, 'arrival', ids[index])
    const each = nextAnswer(ratios, seed + replication)
    const times = work
      .draw(seed + 1 + replication)
      .map(({ serviceMs }, index) => ({ serviceMs: serviceMs.map(ms => ms * each(ids[index]!)) }))
    return scheduled(work, times, { speed: speed / beside, gapMs: gap, delayMs })
  })
  const replicated = runs.map(answerMeasures)
  return Object.entries(answerMeasures(value)).map(([measure, predicted]) => {
    const all = [predicted, ...replicated.map(run => run[measure] ?? 0)]
    const what = measureNamed(measure)?.label ?? measure
    return { what, measure, predicted, low: Math.max(0, Math.min(...all) - PATH_MS), high: Math.max(...all) + PATH_MS }
  })
}

/** How long one more answer may take, relative to the median, after those seen: the predictive
 *  distribution of a log-normal (Student's t). One in eleven is beyond all of ten seen. */
function nextAnswer(ratios: readonly number[], seed: number): (id: string) => number {
  const free = ratios.length - 1
  if (free < 1) return () => 1
  const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0)
  const deviation = Math.sqrt((squares(ratios.map(Math.log)) / free) * (1 + 1 / ratios.length))
  return id => {
    const estimated = squares(Array.from({ length: free }, (_, i) => normal(seed, id, `answer-${i}`))) / free
    return Math.exp((deviation * normal(seed, id, 'answer')) / Math.sqrt(estimated))
  }
}

/** Beside what was measured. @param answers in the order of the prompts */
export function compared(work: Work, predicted: readonly Predicted[], answers: readonly Answer[]): Compared[] {
  const took = answers.map(one => ({ serviceMs: [one.endedMs - one.startedMs] }))
  // What running beside each other costs is in those times already.
  const freely = Array.from({ length: work.worker.slots ?? 1 }, (_, i) => i + 1)
  const retold = scheduled({ ...work, worker: { ...work.worker, batching: freely } }, took, {
    speed: 1,
    gapMs: work.gapMs,
    delayMs: () => 0,
  })
  const [seen, told] = [answerMeasures(answers), answerMeasures(retold)]
  return predicted.map(prediction => {
    const [measured = 0, again = 0] = [seen[prediction.measure], told[prediction.measure]]
    return { ...prediction, measured, retold: again, agrees: measured >= prediction.low && measured <= prediction.high }
  })
}

function scheduled(
  { ids, dueMs, worker }: Work,
  times: readonly Pick<ModelTask, 'serviceMs'>[],
  { speed, gapMs, delayMs }: { speed: number; gapMs: number; delayMs: (index: number) => number },
): Answer[] {
  let lastMs = 0
  const tasks = ids.map((id, index) => {
    // None passes another on its way: they go through one channel.
    lastMs = Math.max(lastMs, dueMs[index]! + delayMs(index))
    return { id, publishedMs: lastMs, serviceMs: times[index]!.serviceMs.map(ms => ms / speed) }
  })
  const schedule: Schedule = predictSchedule(tasks, [worker], { gapMs })
  return schedule.map(({ startedMs, endedMs }, index) => ({ dueMs: dueMs[index]!, startedMs, endedMs, seenMs: endedMs }))
}
