import { type Arm, sampleAt, type TaskTimes } from '../../scenarios/experiment/hour/state.ts'
import type { Window } from './asked.ts'
import { gapsBetween, joined, overlap } from './spans.ts'

/** An arm over the whole hour, cut into as many cells as there are columns to draw. Pure. */

/** What filled most of a cell on one GPU. `stranded` = idle although somebody waited. */
export type Cell = { kind: 'busy'; waitMs: number } | { kind: 'stranded' } | { kind: 'idle' } | { kind: 'future' }

/** One GPU's hour; a busy cell shows the longest wait among the answers in it. */
export function laneCells(arm: Arm, gpu: number, hourMs: number, columns: number, nowMs: number): Cell[] {
  const width = hourMs / columns
  const untilMs = Math.min(nowMs, hourMs)
  const runs = arm.tasks.filter(task => task.gpu === gpu && (task.startedAtMs ?? nowMs) < untilMs)
  const busy = joined(runs.map(task => ({ fromMs: task.startedAtMs ?? 0, toMs: Math.min(task.endedAtMs ?? untilMs, untilMs) })))
  const idle = gapsBetween(busy, { fromMs: 0, toMs: untilMs })
  const worst = new Float64Array(columns)
  for (const { arrivedAtMs, startedAtMs = 0, endedAtMs = untilMs } of runs)
    for (let c = Math.floor(startedAtMs / width); c < columns && c * width < endedAtMs; c++)
      worst[c] = Math.max(worst[c]!, startedAtMs - arrivedAtMs)
  const [busyMs, strandedMs] = [busy, overlap(idle, somebodyWaits(arm, untilMs))].map(spans => perCell(spans, width, columns))
  return Array.from({ length: columns }, (_, c): Cell => {
    const passedMs = Math.min(width, untilMs - c * width)
    if (passedMs <= 0) return { kind: 'future' }
    const [b, s] = [busyMs?.[c] ?? 0, strandedMs?.[c] ?? 0]
    if (b >= s && b >= passedMs - b - s) return { kind: 'busy', waitMs: worst[c]! }
    return s >= passedMs - b - s ? { kind: 'stranded' } : { kind: 'idle' }
  })
}

/** When at least one person waited. */
function somebodyWaits(arm: Arm, untilMs: number): Window[] {
  const asked = arm.tasks.filter(task => task.arrivedAtMs < untilMs)
  return joined(asked.map(({ arrivedAtMs, startedAtMs = untilMs }) => ({ fromMs: arrivedAtMs, toMs: Math.min(startedAtMs, untilMs) })))
}

function perCell(spans: readonly Window[], width: number, columns: number): Float64Array {
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
