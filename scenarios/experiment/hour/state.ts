/** One arm of the demo at an instant. Pure. */

/** A task of the hour. Milliseconds from its start; absent = not yet, or not within the hour. */
export interface TaskTimes {
  arrivedAtMs: number
  /** When it entered a worker's buffer. */
  deliveredAtMs?: number | undefined
  startedAtMs?: number | undefined
  endedAtMs?: number | undefined
  /** Index into `gpus`. */
  gpu?: number | undefined
}

/** A lab's sample: who waits in a buffer is known only to the worker. */
export interface Sample {
  atMs: number
  /** Length of the work queue, by passive declare. */
  ready: number
  /** Tasks in each worker's buffer that it does not work on, in the order of `gpus`. */
  holds: readonly number[]
}

export interface Arm {
  title: string
  gpus: readonly string[]
  /** In the order of arrival. */
  tasks: readonly TaskTimes[]
  /** Of a measured arm, oldest first; a predicted one has its tasks' times instead. */
  samples?: readonly Sample[]
}

export interface GpuState {
  name: string
  /** Tasks in the worker's buffer that nobody works on. */
  holds: number
  /** Answers ended. */
  done: number
}

export interface HeroState {
  askedAtMs: number
  /** So far, or until the answer began. */
  waitedMs: number
  begun: boolean
  /** Younger questions whose answer began before hers. */
  overtakenBy: number
}

export interface ArmState {
  /** Messages ready: what the broker's dashboard shows. */
  ready: number
  /** People whose answer has not begun: ready, or in some worker's buffer. */
  waiting: number
  gpus: GpuState[]
}

const before = (atMs: number | undefined, nowMs: number): boolean => atMs !== undefined && atMs <= nowMs
export const sampleAt = (arm: Arm, nowMs: number): Sample | undefined => arm.samples?.findLast(({ atMs }) => atMs <= nowMs)

export function armState(arm: Arm, nowMs: number): ArmState {
  const gpus: GpuState[] = arm.gpus.map(name => ({ name, holds: 0, done: 0 }))
  let ready = 0
  let waiting = 0
  for (const task of arm.tasks) {
    if (task.arrivedAtMs > nowMs) break
    const gpu = task.gpu === undefined ? undefined : gpus[task.gpu]
    if (!before(task.startedAtMs, nowMs)) waiting += 1
    if (!before(task.deliveredAtMs, nowMs)) ready += 1
    else if (gpu === undefined) continue
    else if (!before(task.startedAtMs, nowMs)) gpu.holds += 1
    else if (before(task.endedAtMs, nowMs)) gpu.done += 1
  }
  if (arm.samples === undefined) return { ready, waiting, gpus }
  const sample = sampleAt(arm, nowMs)
  return { ready: sample?.ready ?? 0, waiting, gpus: gpus.map((gpu, g) => ({ ...gpu, holds: sample?.holds[g] ?? 0 })) }
}

/** How it stands with the asker of one task. undefined when she has not asked by then. */
export function heroState(arm: Arm, index: number, nowMs: number): HeroState | undefined {
  const task = arm.tasks[index]
  if (task === undefined || task.arrivedAtMs > nowMs) return undefined
  const untilMs = Math.min(nowMs, task.startedAtMs ?? nowMs)
  return {
    askedAtMs: task.arrivedAtMs,
    waitedMs: untilMs - task.arrivedAtMs,
    begun: before(task.startedAtMs, nowMs),
    overtakenBy: arm.tasks.slice(index + 1).filter(other => other.startedAtMs !== undefined && other.startedAtMs < untilMs).length,
  }
}
