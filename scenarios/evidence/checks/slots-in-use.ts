import { type ModelWorker, workerPerSecond } from '#predictor'
import { reason } from '../finding.ts'
import { type EventOf, eventsOf, type History } from '../history.ts'
import { type MeasuredPrompt, modelWorkers, promptsOf } from '../schedule.ts'
import { breach, check } from '../verdict.ts'

/** What the workers make of their GPUs: all slots of them, and the fastest first. */

/** Fewer prompts than this say nothing. */
const PROMPTS_MIN = 20

/** While prompts wait, the GPUs do what their slots can.
 *  @param percent of every slot in use, by the GPUs' batching curves, without any gap */
export function gpusFull(percent: number) {
  return check(
    'gpus-full',
    `While prompts wait, the GPUs do at least ${percent} % of what they can with every slot in use.`,
    history => {
      const model = modelWorkers(history)
      const { busyMs, begun } = whileWaiting(promptsOf(history))
      const judged = { judged: model === undefined ? 0 : begun.length, of: 'starts-while-others-waited' }
      if (model === undefined || begun.length < PROMPTS_MIN) return { ...judged, unsure: reason('too-few', { least: PROMPTS_MIN }) }
      const canPerSecond = history.workers.reduce((sum, { name, slots, batching = [] }, i) => {
        // The GPU's slots, whatever the worker's settings make of them.
        const worker: ModelWorker = { name, prefetchTasks: 0, slots: batching.length || slots, batching }
        return sum + workerPerSecond(worker, model.serviceMs[i] ?? 0)
      }, 0)
      const donePercent = (100_000 * begun.length) / busyMs / canPerSecond
      const breaches = donePercent >= percent ? [] : [breach('slots-idle', { donePercent, percent }, ...inferenceOf(history, begun.at(-1)))]
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
      return { ...judged, breaches: kept ? [] : [breach('passed-by', values, ...inferenceOf(history, elsewhere[0]))] }
    },
    { timed: true },
  )
}

/** How long somebody waited, and the prompts that began in that time. */
function whileWaiting(prompts: readonly MeasuredPrompt[]): { busyMs: number; begun: MeasuredPrompt[] } {
  const steps = prompts.flatMap(prompt => [
    { atMs: prompt.askedMs, prompt, begins: false },
    { atMs: prompt.startedMs, prompt, begins: true },
  ])
  steps.sort((a, b) => a.atMs - b.atMs || Number(b.begins) - Number(a.begins))
  let [waiting, busyMs, beforeMs] = [0, 0, 0]
  for (const { atMs, begins } of steps) {
    if (waiting > 0) busyMs += atMs - beforeMs
    beforeMs = atMs
    waiting += begins ? -1 : 1
  }
  return { busyMs, begun: steps.filter(({ begins }) => begins).map(({ prompt }) => prompt) }
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

/** A prompt's inferences, as witnesses. */
function inferenceOf(history: History, prompt: MeasuredPrompt | undefined): EventOf<'inference'>[] {
  return eventsOf(history, 'inference').filter(({ task }) => task === prompt?.task)
}
