import { type ModelWorker, workerPerSecond } from '#predictor'
import { reason } from '../finding.ts'
import { inferencesOf } from '../prompts.ts'
import { type MeasuredPrompt, modelWorkers, promptsOf } from '../schedule.ts'
import { breach, check } from '../verdict.ts'

/** What the workers make of their GPUs: all slots of them, and the fastest first. */

/** Fewer prompts than this say nothing. */
const PROMPTS_MIN = 20

/** Judges the time while prompts wait.
 *  @param percent of every slot in use, by the GPUs' batching curves, without any gap */
export function gpusFull(percent: number) {
  return check(
    'gpus-full',
    `While prompts wait, the GPUs do at least ${percent} % of what they can with every slot in use.`,
    history => {
      const model = modelWorkers(history)
      const begun = promptsOf(history).toSorted((a, b) => a.startedMs - b.startedMs)
      const judged = { judged: model === undefined ? 0 : begun.length, of: 'starts-while-others-waited' }
      if (model === undefined || begun.length < PROMPTS_MIN) return { ...judged, unsure: reason('too-few', { least: PROMPTS_MIN }) }
      const canPerSecond = history.workers.reduce((sum, { name, slots, batching = [] }, i) => {
        // The GPU's slots, whatever the worker's settings make of them.
        const worker: ModelWorker = { name, prefetchTasks: 0, slots: batching.length || slots, batching }
        return sum + workerPerSecond(worker, model.serviceMs[i] ?? 0)
      }, 0)
      const donePercent = (100_000 * begun.length) / waitingMs(begun) / canPerSecond
      const breaches =
        donePercent >= percent ? [] : [breach('slots-idle', { donePercent, percent }, ...inferencesOf(history, begun.at(-1)?.task))]
      return { ...judged, breaches }
    },
    { timed: true },
  )
}

/** The fastest GPU is served first: what finds it free is answered there.
 *  @param percent of the prompts that find it free
 *  @param freeMs free for so long before: its worker has told the broker */
export function fastestFirst(percent: number, freeMs: number) {
  return check(
    'fastest-first',
    `At least ${percent} % of the prompts that find the fastest GPU free (for ${freeMs} ms) are answered by it.`,
    history => {
      const { workers = [], serviceMs = [] } = modelWorkers(history) ?? {}
      const fastest = workers[serviceMs.indexOf(Math.min(...serviceMs))]
      const free = fastest === undefined ? [] : foundFree(promptsOf(history), fastest, freeMs)
      const judged = { judged: free.length, of: 'prompts' }
      if (fastest === undefined || free.length < PROMPTS_MIN) return { ...judged, unsure: reason('too-few', { least: PROMPTS_MIN }) }
      const elsewhere = free.filter(({ worker }) => worker !== fastest.name)
      const values = { worker: fastest.name, elsewhere: elsewhere.length, free: free.length, percent }
      const kept = 100 * (free.length - elsewhere.length) >= percent * free.length
      return { ...judged, breaches: kept ? [] : [breach('passed-by', values, ...inferencesOf(history, elsewhere[0]?.task))] }
    },
    { timed: true },
  )
}

/** How long somebody waited, in all. Milliseconds. */
function waitingMs(prompts: readonly MeasuredPrompt[]): number {
  const steps = prompts.flatMap(({ askedMs, startedMs }) => [
    { atMs: askedMs, by: 1 },
    { atMs: startedMs, by: -1 },
  ])
  steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by)
  let [waiting, sumMs, beforeMs] = [0, 0, 0]
  for (const { atMs, by } of steps) {
    if (waiting > 0) sumMs += atMs - beforeMs
    beforeMs = atMs
    waiting += by
  }
  return sumMs
}

/** Prompts asked while fewer of the worker's own were unfinished than its GPU can run. */
function foundFree(prompts: readonly MeasuredPrompt[], { name, slots = 1 }: ModelWorker, freeMs: number): MeasuredPrompt[] {
  const asked = prompts.toSorted((a, b) => a.askedMs - b.askedMs)
  const endsMs = asked
    .filter(({ worker }) => worker === name)
    .map(({ endedMs }) => endedMs + freeMs)
    .sort((a, b) => a - b)
  let [taken, ended] = [0, 0]
  return asked.filter(({ askedMs, worker }) => {
    while ((endsMs[ended] ?? Number.POSITIVE_INFINITY) <= askedMs) ended++
    const free = taken - ended < slots
    if (worker === name) taken++
    return free
  })
}
