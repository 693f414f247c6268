import type { Window } from './asked.ts'
import type { Bar } from './lanes.ts'

/** Fewer marks where more would not be seen. Pure. */

/** Bars thinner than a pixel are merged if they fit into one, with the longest wait. `lost` ones
 *  stay. @param bars ascending, apart @param pixelMs time of one pixel */
export function mergedBars(bars: readonly Bar[], pixelMs: number): Bar[] {
  const merged: Bar[] = []
  for (const bar of bars) {
    const last = merged.at(-1)
    const fits = last !== undefined && bar.toMs - last.fromMs <= pixelMs && bar.outcome === last.outcome
    if (!fits) {
      merged.push({ ...bar })
      continue
    }
    last.toMs = bar.toMs
    last.inferences += bar.inferences
    if (bar.waitMs > last.waitMs) [last.waitMs, last.user] = [bar.waitMs, bar.user]
  }
  return merged
}

/** Spans that can be seen; those closer than a pixel go together. */
export function visibleSpans(spans: readonly Window[], pixelMs: number): Window[] {
  const merged: Window[] = []
  for (const span of spans) {
    if (span.toMs - span.fromMs < pixelMs) continue
    const last = merged.at(-1)
    if (last !== undefined && span.fromMs - last.toMs < pixelMs / 2) last.toMs = span.toMs
    else merged.push({ ...span })
  }
  return merged
}
