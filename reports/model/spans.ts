import type { Window } from './asked.ts'

/** Sets of stretches of time, ascending and apart. Linear. Pure. */

/** Ascending and apart, whatever came in. */
export function joined(spans: readonly Window[]): Window[] {
  const result: Window[] = []
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1)
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs)
    else if (toMs > fromMs) result.push({ fromMs, toMs })
  }
  return result
}

/** What of the window is in none of them. */
export function gapsBetween(spans: readonly Window[], { fromMs, toMs }: Window): Window[] {
  const gaps: Window[] = []
  let at = fromMs
  for (const span of joined(spans)) {
    if (span.fromMs > at) gaps.push({ fromMs: at, toMs: Math.min(span.fromMs, toMs) })
    at = Math.max(at, span.toMs)
    if (at >= toMs) return gaps
  }
  return [...gaps, { fromMs: at, toMs }]
}

/** What is in both. */
export function overlap(a: readonly Window[], b: readonly Window[]): Window[] {
  const result: Window[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const fromMs = Math.max(a[i]!.fromMs, b[j]!.fromMs)
    const toMs = Math.min(a[i]!.toMs, b[j]!.toMs)
    if (toMs > fromMs) result.push({ fromMs, toMs })
    if (a[i]!.toMs < b[j]!.toMs) i += 1
    else j += 1
  }
  return result
}

export function totalMs(spans: readonly Window[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}
