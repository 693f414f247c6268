import { draw } from '#contracts/gpu-timing'
import { BACKLOG_LOOK_MS } from '#contracts/limits'
import { type BrokerModel, type ModelTask, type ModelWorker, predictSchedule } from '#predictor'
import { GAP } from './gap.ts'
import { scheduleMeasures } from './schedule.ts'

/** A predicted measure and how far a measured one may lie from it. */
export interface Band {
  value: number
  low: number
  high: number
}

/** How far a measure may lie beyond the replications, in the measure's unit. */
export type Tolerance = readonly [share: number, absolute: number]

export interface BandsOptions {
  /** The prompts of the arm, with their times and service times. */
  tasks: readonly ModelTask[]
  /** `lab.model.workers`. */
  workers: readonly ModelWorker[]
  /** Between two inferences of a worker, from `lab.warmUp`. Milliseconds. */
  gapMs: number
  /** Of the replications. */
  seed: number
  /** By measure: how far beyond the replications. Share of the value, and absolute. */
  tolerances: Readonly<Record<string, Tolerance>>
}

const REPLICATIONS = 40
/** From a client to the broker, for replications. Milliseconds. */
const ARRIVAL_DELAY_MS = [1, 6] as const
/** The gap of a run, relative to the one measured before it. */
const GAP_SPREAD = [0.8, 1.5] as const
/** A gap is not known better. Milliseconds. */
const GAP_WITHIN_MS = 1

/** Bands of measures, from forty replications of the same prompts. Each draws anew whose turn comes
 *  first, how long a prompt takes
 *  to the broker, and the gap. The gap has a band too: all others rest on it. Pure. */
export function predictedBands({ tasks, workers, gapMs, seed, tolerances }: BandsOptions): Record<string, Band> {
  // Whose turn is first is chance, unless the workers connect one after the other.
  const anyFirst = workers.every(worker => worker.connectedMs === undefined)
  const runs = Array.from({ length: REPLICATIONS }, (_, replication) => {
    const between = (name: string, [low, high]: readonly [number, number], key = '') =>
      low + (high - low) * draw(seed, `${replication}:${key}`, name)
    const gap = gapMs * between('gap', GAP_SPREAD)
    let lastMs = Number.NEGATIVE_INFINITY
    const arrived = tasks.map(task => {
      if (!anyFirst) return task // A backlog: it is there before anybody connects.
      // None passes another on its way: they go through one channel.
      lastMs = Math.max(lastMs, task.publishedMs + between('arrival', ARRIVAL_DELAY_MS, task.id))
      return { ...task, publishedMs: lastMs }
    })
    return measured(tasks, arrived, workers, gap, anyFirst && replication % 2 === 1)
  })
  const value = measured(tasks, tasks, workers, gapMs, false)
  const [least, most] = GAP_SPREAD
  const gap = { value: gapMs, low: Math.max(0, gapMs * least - GAP_WITHIN_MS), high: gapMs * most + GAP_WITHIN_MS }
  const bands = Object.fromEntries(
    Object.entries(tolerances).map(([measure, [share, absolute]]) => {
      const seen = runs.map(run => run[measure] ?? 0)
      const at = value[measure] ?? 0
      const beyond = share * Math.abs(at) + absolute
      // What is never below zero in the model has no band below it.
      const floor = Math.min(0, at, ...seen)
      return [measure, { value: at, low: Math.max(floor, Math.min(at, ...seen) - beyond), high: Math.max(at, ...seen) + beyond }]
    }),
  )
  return { ...bands, [GAP]: gap }
}

function measured(
  asked: readonly ModelTask[],
  arrived: readonly ModelTask[],
  workers: readonly ModelWorker[],
  gapMs: number,
  swapped: boolean,
): Record<string, number> {
  const order = swapped ? workers.toReversed() : workers
  const times = swapped ? arrived.map(task => ({ ...task, serviceMs: task.serviceMs.toReversed() })) : arrived
  // With a task in the buffer no slot waits for the broker, but each is busy around an inference.
  const buffers = workers.some(({ prefetchTasks, slots = 1 }) => prefetchTasks === 0 || prefetchTasks > slots)
  const broker: BrokerModel = buffers ? { occupiedMs: gapMs } : { gapMs, lookMs: BACKLOG_LOOK_MS }
  const byTask = new Map(predictSchedule(times, order, broker).map(placement => [placement.task, placement]))
  const schedule = asked.map(task => ({ ...byTask.get(task.id)!, publishedMs: task.publishedMs }))
  return scheduleMeasures(schedule, asked, workers)
}
