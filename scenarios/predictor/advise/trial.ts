import { BACKLOG_LOOK_MS } from '#contracts/limits'
import { type ModelTask, type ModelWorker, type Placement, predictSchedule, type Schedule, taskIds } from '#predictor'
import type { TraceRow } from '../trace/row.ts'
import { TraceError } from '../trace/time.ts'
import { type Drawn, drawnTasks, tracedTasks } from './draw.ts'
import type { Batch, Counts } from './estimate.ts'
import { type Arrivals, HELD_ROUND_TRIPS, type Link, type Question } from './question.ts'

/** How the workers are set. */
export interface Setting {
  /** Of each worker; 0 = unlimited. */
  prefetch: readonly number[]
  /** Of each worker. Default: none. */
  priority?: readonly number[]
  /** Of each worker: takes only while this many wait. Default: always. */
  backlogMin?: readonly number[]
  /** One user's tasks at the workers. Default: all. */
  userTasksAtOnce?: number
}

/** Where a setting is tried. */
export interface Situation {
  /** The kind of each worker. */
  fleet: readonly number[]
  /** Arrivals; undefined: all at once. */
  perSecond: number | undefined
  link: Link
  /** Who asks. Default: each task has a user of their own. */
  users?: Users
}

export type Users =
  /** Of `every` tasks the last `size` come at once, from one user. Only the others' waits count. */
  | { kind: 'crowd'; every: number; size: number }
  /** Each user asks `size` tasks in a row. */
  | { kind: 'rows'; size: number }

/** The model counts nanoseconds, up to 104 days: what takes longer is shrunk, all times alike. */
const SPAN_MS = 20 * 86_400_000

interface Run {
  schedule: Schedule
  /** Its times are those of people divided by this. */
  shrink: number
}

/** A window of 250 at a slow worker takes thousands of tasks to fill. */
const WARM_UP_TASKS = 4_000
const COUNTED_TASKS = 12_000
/** Sections of a trace; one more before them is warm-up. */
const SECTIONS_MAX = 20
const SECTION_TASKS_MIN = 10
/** Fewer rows say nothing of a p95 wait; of more the first ones are taken. */
export const TRACE_ROWS = { least: 6 * SECTION_TASKS_MIN, most: 100_000 } as const

/** Throws TraceError where the rows are too few or all at one instant. */
export function tracedArrivals(rows: readonly TraceRow[], load: number | undefined): Arrivals {
  const taken = rows.slice(0, TRACE_ROWS.most)
  if (taken.length < TRACE_ROWS.least) throw new TraceError(`expected ${TRACE_ROWS.least} rows or more, got ${taken.length}`)
  if (taken.at(-1)!.atMs === taken[0]!.atMs) throw new TraceError(`expected rows at different times, got ${taken.length} at once`)
  return { kind: 'trace', rows: taken, load }
}

/** Tries settings on the same tasks: those of one batch differ in nothing but the setting. */
export class Trials {
  readonly #question: Question
  readonly #drawn: Drawn[] = []
  /** Simulated so far: the measure of the effort. */
  tasks = 0

  constructor(question: Question) {
    this.#question = question
  }

  /** Batches `from` up to `to` of a setting; a trace has its own number, all of them from 0 on. */
  batches(situation: Situation, setting: Setting, from: number, to: number): Batch[] {
    const { arrivals } = this.#question
    if (arrivals.kind === 'trace') {
      if (from > 0) return []
      const run = this.#run(this.#drawnFor(0, tracedTasks), situation, setting)
      const { schedule } = run
      const sections = Math.min(SECTIONS_MAX, Math.floor(schedule.length / SECTION_TASKS_MIN) - 1)
      const size = Math.floor(schedule.length / (sections + 1))
      return Array.from({ length: sections }, (_, i) => batchOf(run, (i + 1) * size, (i + 2) * size, situation))
    }
    const warmUp = arrivals.kind === 'burst' ? 0 : WARM_UP_TASKS
    const length = arrivals.kind === 'burst' ? arrivals.tasks : WARM_UP_TASKS + COUNTED_TASKS
    return Array.from({ length: to - from }, (_, i) => {
      const replication = from + i
      const drawn = this.#drawnFor(replication, question => drawnTasks(question, length, replication))
      return batchOf(this.#run(drawn, situation, setting), warmUp, length, situation)
    })
  }

  #drawnFor(replication: number, draw: (question: Question) => Drawn): Drawn {
    this.#drawn[replication] ??= draw(this.#question)
    return this.#drawn[replication]
  }

  #run({ at, serviceMs }: Drawn, { fleet, perSecond, link, users }: Situation, setting: Setting): Run {
    const betweenMs = perSecond === undefined ? 0 : 1_000 / perSecond
    const shrink = Math.max(1, (at.at(-1)! * betweenMs) / SPAN_MS)
    const gapMs = betweenMs / shrink
    const ids = idsUpTo(at.length)
    const tasks = Array.from(at, (place, i): ModelTask => {
      const user = userOf(i, users)
      const published =
        users?.kind === 'crowd' && user !== undefined ? at[Math.min(i - (i % users.every) + users.every, at.length) - 1]! : place
      const task = { id: ids[i]!, publishedMs: published * gapMs, serviceMs: fleet.map(kind => serviceMs[kind]![i]! / shrink) }
      return user === undefined ? task : { ...task, user }
    })
    this.tasks += tasks.length
    const schedule = predictSchedule(tasks, this.#workers(fleet, setting), {
      gapMs: (link.gapMs + link.rttMs) / shrink,
      occupiedMs: (HELD_ROUND_TRIPS * link.rttMs) / shrink,
      lookMs: BACKLOG_LOOK_MS / shrink,
      userTasksAtOnce: setting.userTasksAtOnce ?? 0,
      queueType: 'quorum',
    })
    return { schedule, shrink }
  }

  #workers(fleet: readonly number[], { prefetch, priority, backlogMin }: Setting): ModelWorker[] {
    return fleet.map((kind, i) => {
      const { slots, batching } = this.#question.kinds[kind]!
      const orders = { priority: priority?.[i] ?? 0, backlogMin: backlogMin?.[i] ?? 0 }
      return { name: `worker-${i + 1}`, prefetchTasks: prefetch[i]!, slots, batching, ...orders }
    })
  }
}

let ids: string[] = []
function idsUpTo(count: number): readonly string[] {
  if (ids.length < count) ids = taskIds(count)
  return ids
}

function userOf(task: number, users: Users | undefined): string | undefined {
  if (users === undefined) return undefined
  if (users.kind === 'rows') return `u${Math.floor(task / users.size)}`
  return task % users.every >= users.every - users.size ? `crowd ${Math.floor(task / users.every)}` : undefined
}

/** Tasks from the first to before the last, a crowd's own left out. */
function batchOf({ schedule, shrink }: Run, from: number, to: number, { users }: Situation): Batch {
  const counted = schedule.slice(from, to)
  const others = users?.kind === 'crowd' ? counted.filter((_, i) => userOf(from + i, users) === undefined) : counted
  return {
    waitMs: ascending(others, ({ publishedMs, startedMs }) => (startedMs - publishedMs) * shrink),
    answerMs: ascending(others, ({ publishedMs, endedMs }) => (endedMs - publishedMs) * shrink),
    counts: meanCounts(counted),
  }
}

/** Means over the time in which they came, of a burst until all were answered: Little's law. */
function meanCounts(schedule: Schedule): Counts {
  let [ready, unacked, lastMs] = [0, 0, 0]
  for (const { publishedMs, sentMs, endedMs } of schedule) {
    ready += sentMs - publishedMs
    unacked += endedMs - sentMs
    lastMs = Math.max(lastMs, endedMs)
  }
  const firstMs = schedule[0]!.publishedMs
  const spanMs = schedule.at(-1)!.publishedMs - firstMs || lastMs - firstMs
  return { ready: ready / spanMs, unacked: unacked / spanMs }
}

function ascending(schedule: Schedule, ms: (placement: Placement) => number): Float64Array {
  const values = new Float64Array(schedule.length)
  for (let i = 0; i < schedule.length; i++) values[i] = ms(schedule[i]!)
  return values.sort()
}
