import { loadWithGap } from '#checks/keeps-up'
import { predictedBands } from '#evidence/bands'
import { eventsOf, type History } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'
import { gapMidMs, modelWorkers, promptsOf, scheduleOf } from '#evidence/schedule'
import { idealSchedule, waitsOf } from '#predictor'
import { WAIT_TOLERANCE } from '../../scenarios/experiment/replay/replay.ts'

/** What the model says of a load's prompts: same arrivals and times, this run's gap. Pure. */

/** Fewer have no p95 worth a sentence; forty replications of more take seconds. */
const [PROMPTS_MIN, PROMPTS_MAX] = [20, 20_000]

/** Undefined where it has nothing to say: no prompts, a real model server, a sample. */
export function modelled(history: History, seed: number): LoadDocument['model'] {
  if (eventsOf(history, 'work').length === 0) return undefined
  const prompts = promptsOf(history)
  const model = modelWorkers(history)
  if (model === undefined || prompts.length < PROMPTS_MIN || prompts.length > PROMPTS_MAX) return undefined
  // Without a gap among these nobody waited: then those of the warm-up.
  const gapMs = gapMidMs(prompts, history) || gapMidMs(promptsOf(history, { all: true }), history)
  const schedule = scheduleOf(prompts)
  const tasks = model.tasksOf(schedule)
  const { waitP95Ms } = predictedBands({ tasks, workers: model.workers, gapMs, seed, tolerances: { waitP95Ms: WAIT_TOLERANCE } })
  if (waitP95Ms === undefined) return undefined
  return {
    prompts: prompts.length,
    gapMs,
    loadWithGap: loadWithGap(history, gapMs) ?? null,
    idealWaitP95Ms: waitsOf(idealSchedule(tasks, model.workers)).p95,
    predictedWaitP95Ms: waitP95Ms.value,
    predictedLowMs: waitP95Ms.low,
    predictedHighMs: waitP95Ms.high,
    measuredWaitP95Ms: waitsOf(schedule).p95,
  }
}
