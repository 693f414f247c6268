import type { Inference } from '#contracts/http'
import { hostMs } from '../lab/clock.ts'
import type { TaskRow } from './frames.ts'

/** The questions that a page shows: those that are open, and those of the last minutes. Pure. */

/** How long a question stays after its end. Milliseconds of the clock. */
const KEPT_MS = 180_000
/** Of all that are kept; the oldest go first. */
const KEPT_MAX = 6_000

interface Task {
  n: number
  arrivedAtMs: number
  deliveredAtMs?: number | undefined
  startedAtMs?: number | undefined
  endedAtMs?: number | undefined
  gpu?: number | undefined
  attempt: number
  over: boolean
}

export interface TasksOptions {
  /** Start of the page's time, on the host's clock. Milliseconds. */
  zeroMs: number
  timeScale: number
}

export class Tasks {
  readonly #byId = new Map<string, Task>()
  readonly #changed = new Set<Task>()
  readonly #options: TasksOptions
  #next = 0
  #forgetBelow = 0

  constructor(options: TasksOptions) {
    this.#options = options
  }

  /** @param atMs of the host's clock, as everywhere here */
  asked(id: string, atMs: number): void {
    // The GPU's log may have been read first.
    const known = this.#byId.get(id)
    if (known === undefined) this.#add(id, atMs)
    else this.#change(known, { arrivedAtMs: atMs })
  }

  /** Cancelled, or answered by an apology. */
  over(id: string, atMs: number): void {
    const task = this.#byId.get(id)
    if (task !== undefined && task.endedAtMs === undefined) this.#change(task, { endedAtMs: atMs, over: true })
  }

  /** An entry of a GPU's log, perhaps again. */
  inferred(gpu: number, entry: Inference): void {
    const receivedAtMs = hostMs(entry.receivedAtNs)
    const deliveredAtMs = receivedAtMs - (entry.heldMs ?? 0)
    // Asked by somebody whom the console does not know.
    const task = this.#byId.get(entry.task) ?? this.#add(entry.task, deliveredAtMs)
    if (entry.attempt < task.attempt || task.over) return
    const { startedAtNs, endedAtNs, outcome, attempt } = entry
    const failed = outcome === 'failed' || outcome === 'aborted'
    // Its asker waits on: for another worker, or for this one again.
    if (failed) this.#change(task, { attempt, startedAtMs: undefined, endedAtMs: undefined, deliveredAtMs: undefined, gpu: undefined })
    else {
      const started = startedAtNs === undefined ? undefined : hostMs(startedAtNs)
      this.#change(task, {
        attempt,
        deliveredAtMs,
        gpu,
        startedAtMs: started,
        endedAtMs: endedAtNs === undefined ? undefined : hostMs(endedAtNs),
      })
    }
  }

  /** What workers hold now, by the index of their GPU. What none of them lists is back in its
   *  queue. @param isWhole every worker that runs listed all of its tasks */
  held(lists: ReadonlyMap<number, readonly { task: string; heldMs: number }[]>, nowMs: number, isWhole: boolean): void {
    const seen = new Set<string>()
    for (const [gpu, tasks] of lists)
      for (const { task: id, heldMs } of tasks) {
        seen.add(id)
        const task = this.#byId.get(id)
        if (task === undefined || task.startedAtMs !== undefined || task.over) continue
        if (task.gpu === gpu && task.deliveredAtMs !== undefined) continue
        this.#change(task, { gpu, deliveredAtMs: nowMs - heldMs })
      }
    if (!isWhole) return
    for (const [id, task] of this.#byId)
      if (task.deliveredAtMs !== undefined && task.startedAtMs === undefined && !task.over && !seen.has(id))
        this.#change(task, { deliveredAtMs: undefined, gpu: undefined })
  }

  /** A GPU lost its log: what it worked on is nobody's any more. */
  interrupted(gpu: number): void {
    for (const task of this.#byId.values())
      if (task.gpu === gpu && task.endedAtMs === undefined)
        this.#change(task, { startedAtMs: undefined, deliveredAtMs: undefined, gpu: undefined })
  }

  /** Those that wait for their answer to begin. */
  get waiting(): number {
    return this.#byId.values().reduce((sum, task) => sum + (task.startedAtMs === undefined && !task.over ? 1 : 0), 0)
  }

  get forgetBelow(): number {
    return this.#forgetBelow
  }

  /** Drops the old, and gives what changed since the last time. */
  take(nowMs: number): TaskRow[] {
    for (const [id, task] of this.#byId) {
      const isOld = task.endedAtMs !== undefined && task.endedAtMs < nowMs - KEPT_MS
      if (!isOld && this.#byId.size <= KEPT_MAX) break
      this.#byId.delete(id)
      this.#changed.delete(task)
    }
    this.#forgetBelow = this.#byId.values().next().value?.n ?? this.#next
    const rows = [...this.#changed].map(task => this.#row(task))
    this.#changed.clear()
    return rows
  }

  all(): TaskRow[] {
    return this.#byId
      .values()
      .map(task => this.#row(task))
      .toArray()
  }

  #add(id: string, arrivedAtMs: number): Task {
    const task: Task = { n: this.#next, arrivedAtMs, attempt: 0, over: false }
    this.#next += 1
    this.#byId.set(id, task)
    this.#changed.add(task)
    return task
  }

  #change(task: Task, change: Partial<Task>): void {
    if (Object.entries(change).every(([key, value]) => task[key as keyof Task] === value)) return
    Object.assign(task, change)
    this.#changed.add(task)
  }

  #row({ n, arrivedAtMs, deliveredAtMs, startedAtMs, endedAtMs, gpu, over }: Task): TaskRow {
    const { zeroMs, timeScale } = this.#options
    const of = (ms: number | undefined) => (ms === undefined ? null : Math.round((ms - zeroMs) * timeScale))
    return [n, of(arrivedAtMs) ?? 0, of(deliveredAtMs), of(startedAtMs), of(endedAtMs), gpu ?? null, over ? 1 : 0]
  }
}
