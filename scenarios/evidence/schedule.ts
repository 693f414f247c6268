import {
  heldMaxMs,
  idealSchedule,
  type ModelTask,
  type ModelWorker,
  orderOf,
  overtakesOf,
  type Schedule,
  sharesOf,
  strandedPercent,
  streamsOf,
  summarise,
  waitsOf,
} from '#predictor'
import { answerMeasures, answersOf } from './answers.ts'
import { letGoMs } from './checks/held-off.ts'
import { type ArmFacts, type EventOf, eventsOf, type History, sendKey, sendsOf } from './history.ts'
import { shareOf } from './measures.ts'
import { takenPrompts } from './prompts.ts'
import { sendMeasures } from './sends.ts'

/** The measured prompts as a schedule like the predictor's: one code counts both. */

export interface MeasuredPrompt {
  task: string
  user: string
  conversation: string
  seq: number
  /** Its user sent it. */
  askedMs: number
  /** It reached a worker; where the worker did not say, when the GPU was asked. */
  deliveredMs: number
  worker: string
  startedMs: number
  /** Of the last inference. */
  endedMs: number
  inferences: number
}

/** Prompts taken and inferred, in the database's order, else as asked. Default: measured part. */
export function promptsOf(history: History, { all = false } = {}): MeasuredPrompt[] {
  const fromMs = all ? Number.NEGATIVE_INFINITY : (eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY)
  const sends = sendsOf(history)
  const byTask = Map.groupBy(runsOf(history), run => run.task)
  const ordOf = new Map(eventsOf(history, 'task-row').map(row => [row.task, row.ord ?? 0]))
  const prompts = []
  for (const { user, clientMessageId, conversation, seq, task } of takenPrompts(history)) {
    const send = sends.get(sendKey(user, clientMessageId))
    if (send === undefined || send.atMs < fromMs) continue
    const inferences = (byTask.get(task) ?? []).sort((a, b) => a.atMs - b.atMs)
    const [first] = inferences
    if (first === undefined) continue
    prompts.push({
      task,
      user,
      conversation,
      seq,
      askedMs: send.dueMs ?? send.atMs,
      deliveredMs: Math.max(send.atMs, first.atMs - (first.heldMs ?? 0)),
      worker: first.worker,
      startedMs: first.startedAtMs,
      endedMs: inferences.at(-1)?.endedAtMs ?? first.startedAtMs,
      inferences: inferences.length,
    })
  }
  // The database's order is the queue's, also within one millisecond.
  return prompts.sort((a, b) => (ordOf.get(a.task) ?? 0) - (ordOf.get(b.task) ?? 0) || a.askedMs - b.askedMs)
}

interface Run extends Pick<EventOf<'inference'>, 'task' | 'worker' | 'atMs' | 'heldMs' | 'endedAtMs'> {
  startedAtMs: number
}

/** Inferences begun: from simulated GPUs' logs, or real answers passing by. */
function runsOf(history: History): Run[] {
  return history.events.flatMap((event): Run[] => {
    if (event.kind === 'reported') return [{ ...event, startedAtMs: event.atMs, endedAtMs: event.atMs + event.tookMs }]
    return event.kind === 'inference' && event.startedAtMs !== undefined ? [{ ...event, startedAtMs: event.startedAtMs }] : []
  })
}

export function scheduleOf(prompts: readonly MeasuredPrompt[]): Schedule {
  return prompts.map(({ task, worker, askedMs, deliveredMs, startedMs, endedMs }) => ({
    task,
    worker,
    publishedMs: askedMs,
    sentMs: deliveredMs,
    deliveredMs,
    startedMs,
    endedMs,
  }))
}

/** An arm as the model has it. */
export interface Modelled {
  /** From when they were let work. */
  workers: ModelWorker[]
  /** Of a prompt on each worker's GPU, in the mean. Milliseconds. */
  serviceMs: number[]
  /** Prompts with the time that each worker's GPU takes for them. */
  tasksOf(prompts: readonly { task: string; publishedMs: number }[]): ModelTask[]
}

/** A worker's facts for the model: a GPU works on no more at once than it has slots. */
export function modelWorker({ batching, slots, ...facts }: ArmFacts['workers'][number]): ModelWorker {
  const { name, prefetchTasks, priority = 0, backlogMin } = facts
  const gpu = batching === undefined ? { slots } : { slots: Math.min(slots, batching.length), batching }
  return { name, prefetchTasks, priority, ...(backlogMin === undefined ? {} : { backlogMin }), ...gpu }
}

/** Undefined without service times, or after a worker left midway: the model's stay. */
export function modelWorkers(history: History): Modelled | undefined {
  const fixed = history.workers.flatMap(worker => (worker.serviceMs === undefined ? [] : [worker.serviceMs]))
  const drawn = new Map(eventsOf(history, 'work').map(event => [event.task, event.serviceMs]))
  const serviceMs = drawn.size > 0 ? history.workers.map((_, w) => summarise([...drawn.values()].map(ms => ms[w] ?? 0)).mean) : fixed
  if (serviceMs.length < history.workers.length || serviceMs.length === 0) return undefined
  const letGo = letGoMs(history)
  if (letGo === undefined) return undefined
  const workers = history.workers.map(facts => {
    const connectedMs = letGo.get(facts.name)
    return { ...modelWorker(facts), ...(connectedMs === undefined ? {} : { connectedMs }) }
  })
  const tasksOf: Modelled['tasksOf'] = prompts =>
    prompts.map(({ task, publishedMs }) => ({ id: task, publishedMs, serviceMs: drawn.get(task) ?? serviceMs }))
  return { workers, serviceMs, tasksOf }
}

/** Figures of a schedule, units in names. Order by completion; waits from asking to start. */
export function scheduleMeasures(schedule: Schedule, tasks: readonly ModelTask[], workers: readonly ModelWorker[]): Record<string, number> {
  const ideal = idealSchedule(tasks, workers)
  const [waits, answers, idealWaits] = [waitsOf(schedule), answersIn(schedule), waitsOf(ideal)]
  const { tau, maxOvertakes } = orderOf(schedule.map(p => p.endedMs))
  const byStart = (from: Schedule) => overtakesOf(from.map(p => p.startedMs)).reduce((sum, count) => sum + count, 0)
  const [shares, stranded] = [sharesOf(schedule, workers), strandedPercent(schedule, tasks, workers)]
  return {
    prompts: schedule.length,
    waitP50Ms: waits.p50,
    waitP95Ms: waits.p95,
    waitMaxMs: waits.max,
    answeredMeanMs: answers.mean,
    idealWaitP95Ms: idealWaits.p95,
    endP95Ms: answers.p95,
    heldMaxMs: heldMaxMs(schedule),
    makespanMs: spanMs(schedule),
    idealMakespanMs: spanMs(ideal),
    tau,
    maxOvertakes,
    excessOvertakes: byStart(schedule) - byStart(ideal),
    overtakenP95Ms: overtakenP95Ms(schedule),
    ...Object.fromEntries(
      workers.map(({ name }, index) => [shareOf(name).name, (100 * (shares[index] ?? 0)) / Math.max(1, schedule.length)]),
    ),
    strandedHoardingPercent: stranded.hoarding,
    strandedRoundTripPercent: stranded.roundTrip,
  }
}

/** From asking to the last token. Milliseconds. */
export function answersIn(schedule: Schedule): ReturnType<typeof summarise> {
  return summarise(schedule.map(p => p.endedMs - p.publishedMs))
}

/** First start to last end: a backlog's clock starts with its workers. Milliseconds. */
export function spanMs(schedule: Schedule): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { startedMs, endedMs } of schedule) [first, last] = [Math.min(first, startedMs), Math.max(last, endedMs)]
  return schedule.length === 0 ? 0 : last - first
}

/** How long a prompt watched later ones being answered; p95, milliseconds. */
function overtakenP95Ms(schedule: Schedule): number {
  let earliestLaterMs = Number.POSITIVE_INFINITY
  const watched = new Array<number>(schedule.length).fill(0)
  for (let i = schedule.length - 1; i >= 0; i--) {
    const { startedMs } = schedule[i]!
    watched[i] = Math.max(0, startedMs - earliestLaterMs)
    earliestLaterMs = Math.min(earliestLaterMs, startedMs)
  }
  return summarise(watched).p95
}

/** All figures of an arm; without fixed service times only those that need no ideal schedule. */
export function measuresOf(history: History): Record<string, number> {
  const prompts = promptsOf(history)
  const counted = {
    ...sendMeasures(history),
    // A simulated GPU logs its own; of a real model server what stands before it tells.
    inferences: eventsOf(history, 'inference').length + eventsOf(history, 'reported').length,
    ...mostInferred(history),
  }
  if (prompts.length === 0) return counted
  const model = modelWorkers(history)
  const schedule = scheduleOf(prompts)
  if (model === undefined) {
    const waits = waitsOf(schedule)
    const figures = { prompts: schedule.length, waitP50Ms: waits.p50, waitP95Ms: waits.p95, waitMaxMs: waits.max }
    const answers = eventsOf(history, 'reported').length > 0 ? answerMeasures(answersOf(prompts, history)) : {}
    return { ...counted, ...figures, ...answers, ...gapMeasures(prompts, history) }
  }
  return { ...counted, ...scheduleMeasures(schedule, model.tasksOf(schedule), model.workers), ...gapMeasures(prompts, history) }
}

function gapMeasures(prompts: readonly MeasuredPrompt[], history: History): Record<string, number> {
  const { p50, mean } = summarise(gapsOf(prompts, history))
  return { gapP50Ms: p50, gapMeanMs: mean }
}

/** The task that was inferred most often, and how fast it came again. */
function mostInferred(history: History): Record<string, number> {
  const byTask = Map.groupBy(eventsOf(history, 'inference'), event => event.task)
  let most: EventOf<'inference'>[] = []
  for (const list of byTask.values()) if (list.length > most.length) most = list
  const spanMs = (most.at(-1)?.atMs ?? 0) - (most[0]?.atMs ?? 0)
  return {
    mostInferencesOfATask: most.length,
    ...(spanMs > 0 ? { itsInferencesPerSecond: (1_000 * (most.length - 1)) / spanMs } : {}),
  }
}

/** From an end to the next start while a prompt waited, unless waits are meant. Milliseconds. */
function gapsOf(prompts: readonly MeasuredPrompt[], { workers }: Pick<History, 'workers'>): number[] {
  return [...Map.groupBy(prompts, prompt => prompt.worker)].flatMap(([worker, own]) => {
    const facts = workers.find(({ name }) => name === worker)
    if (facts?.backlogMin !== undefined) return []
    const streams = facts === undefined ? 1 : streamsOf(modelWorker(facts))
    const ended = own.toSorted((a, b) => a.endedMs - b.endedMs)
    const began = own.toSorted((a, b) => a.startedMs - b.startedMs).slice(streams)
    return began.flatMap(({ askedMs, startedMs }, i) => {
      const { endedMs } = ended[i]!
      // It waited already when its predecessor ended: the gap is nobody's idle time.
      return askedMs + WAITED_MS < endedMs ? [Math.max(0, startedMs - endedMs)] : []
    })
  })
}

/** Mean gap, which a long run loses in sum. Milliseconds; 0 if nobody waited. */
export function gapMeanMs(prompts: readonly MeasuredPrompt[], arm: Pick<History, 'workers'>): number {
  return summarise(gapsOf(prompts, arm)).mean
}

/** Mean of the gaps' middle half: a slow disk made a mean of 85 ms where the run had 12. Of 150
 *  arms, means were 0.9-1.4 times this. Milliseconds; 0 if nobody waited. */
export function gapMidMs(prompts: readonly MeasuredPrompt[], arm: Pick<History, 'workers'>): number {
  const sorted = gapsOf(prompts, arm).sort((a, b) => a - b)
  const middle = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4))
  return summarise(middle).mean
}

/** From asking to the broker, generously: a prompt asked this long before an end waited. */
const WAITED_MS = 15
