import { eventsOf, type History } from '#evidence/history'
import { type Asked, type Window, waitEndMs } from './asked.ts'

/** Counts over time: a value holds until the next step. Pure. */

export interface Step {
  atMs: number
  count: number
}

/** People whose answer has not begun, and who were not told that none comes. */
export function waitingSteps(asked: readonly Asked[]): Step[] {
  const changes = asked.flatMap(each => {
    const endMs = waitEndMs(each)
    return [{ atMs: each.askedMs, by: 1 }, ...(endMs === undefined ? [] : [{ atMs: endMs, by: -1 }])]
  })
  changes.sort((a, b) => a.atMs - b.atMs || b.by - a.by)
  const steps: Step[] = []
  let count = 0
  for (const { atMs, by } of changes) {
    count += by
    if (steps.at(-1)?.atMs === atMs) steps[steps.length - 1] = { atMs, count }
    else steps.push({ atMs, count })
  }
  return steps
}

/** Messages ready in the broker's queues together, by its own count: samples. */
export function readySteps(history: History, { fromMs, toMs }: Window): Step[] {
  const latest = new Map<string, number>()
  const steps: Step[] = []
  for (const { atMs, queue, ready } of eventsOf(history, 'queue')) {
    latest.set(queue, ready)
    if (atMs > toMs) break
    const count = [...latest.values()].reduce((sum, each) => sum + each, 0)
    // What was before the window holds at its beginning.
    if (atMs < fromMs && steps.length > 0) steps.pop()
    steps.push({ atMs: Math.max(fromMs, atMs), count })
  }
  return steps
}

/** The highest count in each column of the window. */
export function columnsOf(steps: readonly Step[], { fromMs, toMs }: Window, columns: number): number[] {
  const most = new Array<number>(columns).fill(0)
  const columnMs = (toMs - fromMs) / columns
  for (const [i, { atMs, count }] of steps.entries()) {
    const endMs = Math.min(steps[i + 1]?.atMs ?? toMs, toMs)
    const first = Math.max(0, Math.floor((atMs - fromMs) / columnMs))
    for (let c = first; c < columns && (c === first || fromMs + c * columnMs < endMs); c += 1) most[c] = Math.max(most[c] ?? 0, count)
  }
  return most
}

export function peakOf(steps: readonly Step[]): number {
  return steps.reduce((most, { count }) => Math.max(most, count), 0)
}

/** Stretches of time in which the count is above zero. */
export function spansAbove(steps: readonly Step[], { toMs }: Window): Window[] {
  const spans: Window[] = []
  for (const [i, { atMs, count }] of steps.entries()) {
    if (count <= 0) continue
    const endMs = steps[i + 1]?.atMs ?? toMs
    const last = spans.at(-1)
    if (last?.toMs === atMs) last.toMs = endMs
    else spans.push({ fromMs: atMs, toMs: endMs })
  }
  return spans
}
