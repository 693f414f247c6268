/** Ticks of a time axis, and the classes of waits that colours stand for. Pure. */

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600]

/** Round instants from 0 on. @param spanMs length of the axis @param most ticks. */
export function ticksMs(spanMs: number, most: number): number[] {
  const roughMs = spanMs / Math.max(1, most)
  let stepMs = 10 ** Math.floor(Math.log10(Math.max(1e-3, roughMs)))
  if (roughMs >= 1_000) stepMs = (STEPS.find(step => step * 1_000 >= roughMs) ?? Math.ceil(roughMs / 3_600_000) * 3_600) * 1_000
  else stepMs *= [1, 2, 5, 10].find(factor => factor * stepMs >= roughMs) ?? 10
  return Array.from({ length: Math.floor(spanMs / stepMs + 1e-9) + 1 }, (_, i) => i * stepMs)
}

/** One of 1, 2, 5 times a power of ten, the nearest by ratio. */
export function niceNearest(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const near = [1, 2, 5, 10].toSorted((a, b) => Math.abs(Math.log(value / (a * power))) - Math.abs(Math.log(value / (b * power))))
  return near[0]! * power
}

/** Four borders of waits, the same in all arms: unnoticed below the first, people leave above the
 *  last. @param usualMs where all is well @param longestMs in any arm */
export function waitBorders(usualMs: number, longestMs: number): number[] {
  const high = Math.max(1, longestMs / 1.6)
  const low = Math.max(high / 200, Math.min(usualMs, high / 8))
  const borders = Array.from({ length: 4 }, (_, i) => niceNearest(low * (high / low) ** (i / 3)))
  return [...new Set(borders)].sort((a, b) => a - b)
}

/** In which class a wait falls: 0 = the shortest. */
export function classOf(waitMs: number, borders: readonly number[]): number {
  const at = borders.findIndex(border => waitMs <= border)
  return at < 0 ? borders.length : at
}
