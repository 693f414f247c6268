import { workerPerSecond } from '#predictor'
import { reason } from '../finding.ts'
import { GAP } from '../gap.ts'
import { eventsOf, type History } from '../history.ts'
import { tooNoisy } from '../noise.ts'
import { measuresOf, modelWorkers, promptsOf, scheduleOf } from '../schedule.ts'
import { check } from '../verdict.ts'

/** A band ending beyond prefetch-fairness' own p95 limit proves nothing. Times; milliseconds. */
const [FAR_FACTOR, FAR_MS] = [5, 60]
/** A wait up to this needs no gap to explain it. Share of the ideal p95, and milliseconds. */
const [NEAR_FACTOR, NEAR_MS] = [1.1, 10]

/** Offered work as a share of GPU capacity with this gap; undefined if unknown. */
export function loadWithGap(history: History, gapMs: number): number | undefined {
  const model = modelWorkers(history)
  const schedule = scheduleOf(promptsOf(history)).toSorted((a, b) => a.publishedMs - b.publishedMs)
  const lastsMs = (schedule.at(-1)?.publishedMs ?? 0) - (schedule[0]?.publishedMs ?? 0)
  if (model === undefined || lastsMs <= 0) return undefined
  const perSecond = model.workers.reduce((sum, worker, i) => sum + workerPerSecond(worker, model.serviceMs[i] ?? 0, gapMs), 0)
  return ((schedule.length - 1) * 1_000) / lastsMs / perSecond
}

/** It never fails: it is unknown where the band is wide because the gap is long. */
export const gpusKeepUp = check(
  'gpus-keep-up',
  'The GPUs keep up with the prompts although each inference ends with a gap; no long wait is explained by the gap alone.',
  history => {
    const expected = (measure: string) => eventsOf(history, 'expected').find(event => event.measure === measure)
    const [gap, wait] = [expected(GAP), expected('waitP95Ms')]
    const { waitP95Ms = 0, idealWaitP95Ms = 0, prompts = 0 } = measuresOf(history)
    const looked = { judged: prompts, of: 'prompts' }
    if (gap === undefined || wait === undefined || gap.value === 0) return { ...looked, unsure: reason('gap-unknown') }
    // A wait that is near the ideal is as good as it looks; one beyond its band is judged there.
    if (waitP95Ms <= NEAR_FACTOR * idealWaitP95Ms + NEAR_MS || waitP95Ms > wait.high) return looked
    const load = loadWithGap(history, gap.value) ?? 0
    const unsure = reason('gap-long', { gapMs: gap.value, loadPercent: 100 * load, limitMs: wait.high }, tooNoisy(history))
    return unsure.beside === undefined && load < 1 && wait.high <= FAR_FACTOR * idealWaitP95Ms + FAR_MS ? looked : { ...looked, unsure }
  },
)
