import { type Arm, sampleAt, type TaskTimes } from './state.ts'

/** An arm over the whole hour, cut into as many cells as there are columns to draw. Pure. */

/** What filled most of a cell on one GPU. `stranded` = idle although somebody waited. */
export type Cell = { kind: 'busy'; waitMs: number } | { kind: 'stranded' } | { kind: 'idle' } | { kind: 'future' }

interface Span {
  fromMs: number
  toMs: number
}

/** One GPU's hour; a busy cell shows the longest wait among the answers in it. */
export function laneCells(arm: Arm, gpu: number, hourMs: number, columns: number, nowMs: number): Cell[] {
  const width = hourMs / columns
  const untilMs = Math.min(nowMs, hourMs)
  const runs = arm.tasks.filter(task => task.gpu === gpu && (task.startedAtMs ?? nowMs) < untilMs)
  const busy = runs
    .map((task): Span => ({ fromMs: task.startedAtMs ?? 0, toMs: Math.min(task.endedAtMs ?? untilMs, untilMs) }))
    .sort((a, b) => a.fromMs - b.fromMs)
  const idle = [...busy, { fromMs: untilMs, toMs: untilMs }].map(
    ({ fromMs }, i): Span => ({ fromMs: busy[i - 1]?.toMs ?? 0, toMs: fromMs }),
  )
  const worst = new Float64Array(columns)
  for (const { arrivedAtMs, startedAtMs = 0, endedAtMs = untilMs } of runs)
    for (let c = Math.floor(startedAtMs / width); c < columns && c * width < endedAtMs; c++)
      worst[c] = Math.max(worst[c]!, startedAtMs - arrivedAtMs)
  const [busyMs, strandedMs] = [busy, overlaps(idle, somebodyWaits(arm, untilMs))].map(spans => perCell(spans, width, columns))
  return Array.from({ length: columns }, (_, c): Cell => {
    const passedMs = Math.min(width, untilMs - c * width)
    if (passedMs <= 0) return { kind: 'future' }
    const [b, s] = [busyMs?.[c] ?? 0, strandedMs?.[c] ?? 0]
    if (b >= s && b >= passedMs - b - s) return { kind: 'busy', waitMs: worst[c]! }
    return s >= passedMs - b - s ? { kind: 'stranded' } : { kind: 'idle' }
  })
}

/** When at least one person waited. */
function somebodyWaits(arm: Arm, untilMs: number): Span[] {
  const found: Span[] = []
  for (const { arrivedAtMs, startedAtMs = untilMs } of arm.tasks) {
    if (arrivedAtMs >= untilMs) break
    const last = found.at(-1)
    const toMs = Math.min(startedAtMs, untilMs)
    if (last !== undefined && arrivedAtMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs)
    else found.push({ fromMs: arrivedAtMs, toMs })
  }
  return found
}

/** Both lists ascending. */
function overlaps(some: readonly Span[], others: readonly Span[]): Span[] {
  const found: Span[] = []
  let o = 0
  for (const { fromMs, toMs } of some) {
    while ((others[o]?.toMs ?? toMs) < fromMs) o++
    for (let i = o; (others[i]?.fromMs ?? toMs) < toMs; i++)
      found.push({ fromMs: Math.max(fromMs, others[i]!.fromMs), toMs: Math.min(toMs, others[i]!.toMs) })
  }
  return found
}

function perCell(spans: readonly Span[], width: number, columns: number): Float64Array {
  const sums = new Float64Array(columns)
  for (const { fromMs, toMs } of spans)
    for (let c = Math.max(0, Math.floor(fromMs / width)); c < columns && c * width < toMs; c++)
      sums[c]! += Math.max(0, Math.min(toMs, (c + 1) * width) - Math.max(fromMs, c * width))
  return sums
}

/** People waiting in the middle of each cell (nobody in those to come). */
export function waitingAt(arm: Arm, hourMs: number, columns: number, nowMs: number): number[] {
  return countsAt(arm, hourMs, columns, nowMs, task => task.startedAtMs)
}

/** Messages ready in the middle of each cell. */
export function readyAt(arm: Arm, hourMs: number, columns: number, nowMs: number): number[] {
  if (arm.samples === undefined) return countsAt(arm, hourMs, columns, nowMs, task => task.deliveredAtMs)
  const width = hourMs / columns
  return Array.from({ length: columns }, (_, c) => {
    const middleMs = (c + 0.5) * width
    return middleMs <= nowMs ? (sampleAt(arm, middleMs)?.ready ?? 0) : 0
  })
}

function countsAt(arm: Arm, hourMs: number, columns: number, nowMs: number, until: (task: TaskTimes) => number | undefined): number[] {
  const width = hourMs / columns
  const change = new Float64Array(columns + 1)
  const cell = (atMs: number) => Math.max(0, Math.min(columns, Math.ceil(atMs / width - 0.5)))
  for (const task of arm.tasks) {
    const untilMs = until(task)
    change[cell(task.arrivedAtMs)]! += 1
    if (untilMs !== undefined) change[cell(untilMs)]! -= 1
  }
  let count = 0
  return Array.from({ length: columns }, (_, c) => {
    count += change[c]!
    return (c + 0.5) * width <= nowMs ? count : 0
  })
}

/** The most people that wait at once up to the end of the hour. */
export function mostWaiting(arm: Arm, hourMs: number): number {
  return Math.max(0, ...waitingAt(arm, hourMs, 200, hourMs))
}
