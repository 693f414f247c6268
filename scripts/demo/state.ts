/** What one arm of the demo looks like at an instant. Pure: a finished timeline and a time in, figures out. */

/** One task of a finished simulation or measured run. Milliseconds from the start of the hour; absent = it had not happened when the run ended. */
export interface TaskTimes {
  user: string
  arrivedAtMs: number
  /** When it entered a worker's buffer. */
  deliveredAtMs?: number | undefined
  startedAtMs?: number | undefined
  endedAtMs?: number | undefined
  /** Index into `gpus`. */
  gpu?: number | undefined
}

export interface Arm {
  title: string
  gpus: readonly string[]
  /** In the order of arrival. */
  tasks: readonly TaskTimes[]
}

export interface GpuState {
  name: string
  /** Who is being answered now. */
  answering: string | undefined
  /** Tasks in the worker's buffer that nobody works on. */
  holds: number
  done: number
}

export interface HeroState {
  name: string
  askedAtMs: number | undefined
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
  hero: HeroState
}

const before = (atMs: number | undefined, nowMs: number): boolean => atMs !== undefined && atMs <= nowMs

export function armState(arm: Arm, hero: number, nowMs: number): ArmState {
  const gpus: GpuState[] = arm.gpus.map(name => ({ name, answering: undefined, holds: 0, done: 0 }))
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
    else gpu.answering = task.user
  }
  return { ready, waiting, gpus, hero: heroState(arm, hero, nowMs) }
}

function heroState(arm: Arm, hero: number, nowMs: number): HeroState {
  const task = arm.tasks[hero]
  if (task === undefined || task.arrivedAtMs > nowMs)
    return { name: task?.user ?? '', askedAtMs: undefined, waitedMs: 0, begun: false, overtakenBy: 0 }
  const untilMs = Math.min(nowMs, task.startedAtMs ?? nowMs)
  const overtakenBy = arm.tasks.slice(hero + 1).filter(other => other.startedAtMs !== undefined && other.startedAtMs < untilMs).length
  return {
    name: task.user,
    askedAtMs: task.arrivedAtMs,
    waitedMs: untilMs - task.arrivedAtMs,
    begun: before(task.startedAtMs, nowMs),
    overtakenBy,
  }
}

/** What a stretch of time looked like on one GPU. `stranded` = idle although somebody waited. */
export type Cell = { kind: 'busy'; waitMs: number } | { kind: 'stranded' } | { kind: 'idle' } | { kind: 'future' }

/** The hour cut into `columns` cells of one GPU; each shows what filled most of it, and the longest wait among the answers in it. */
export function laneCells(arm: Arm, gpu: number, hourMs: number, columns: number, nowMs: number): Cell[] {
  const width = hourMs / columns
  const busy = new Float64Array(columns)
  const worst = new Float64Array(columns)
  for (const task of arm.tasks) {
    if (task.gpu !== gpu || task.startedAtMs === undefined || task.startedAtMs > nowMs) continue
    const endMs = Math.min(task.endedAtMs ?? nowMs, nowMs, hourMs)
    for (let c = Math.floor(task.startedAtMs / width); c < columns && c * width < endMs; c++) {
      busy[c]! += Math.min(endMs, (c + 1) * width) - Math.max(task.startedAtMs, c * width)
      worst[c] = Math.max(worst[c]!, task.startedAtMs - task.arrivedAtMs)
    }
  }
  const waiting = waitingAt(arm, hourMs, columns, nowMs)
  return Array.from({ length: columns }, (_, c): Cell => {
    const passed = Math.min(width, nowMs - c * width)
    if (passed <= 0) return { kind: 'future' }
    if (busy[c]! >= passed / 2) return { kind: 'busy', waitMs: worst[c]! }
    return waiting[c]! > 0 ? { kind: 'stranded' } : { kind: 'idle' }
  })
}

/** People waiting in the middle of each cell (now, in the running one); `ready` counts only what the broker still has. */
export function waitingAt(arm: Arm, hourMs: number, columns: number, nowMs: number, which: 'waiting' | 'ready' = 'waiting'): number[] {
  const width = hourMs / columns
  const change = new Float64Array(columns + 1)
  const cell = (atMs: number) => Math.max(0, Math.min(columns, Math.ceil(atMs / width - 0.5)))
  for (const task of arm.tasks) {
    const until = which === 'waiting' ? task.startedAtMs : task.deliveredAtMs
    change[cell(task.arrivedAtMs)]! += 1
    if (until !== undefined) change[cell(until)]! -= 1
  }
  let count = 0
  return Array.from({ length: columns }, (_, c) => {
    count += change[c]!
    return (c + 0.5) * width <= nowMs ? count : 0
  })
}
