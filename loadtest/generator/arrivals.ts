import { exponentialDraw } from '#predictor'
import type { Traffic } from '../workload.ts'

/** When messages are due. Pure, and the same for the same seed. */

const BURST_SHARE = 0.1

/** Milliseconds from the beginning, ascending, below `forMs`. */
export function dueTimes({ ratePerSecond, arrivals }: Pick<Traffic, 'ratePerSecond' | 'arrivals'>, forMs: number, seed: number): number[] {
  const due: number[] = []
  const meanMs = 1_000 / ratePerSecond
  if (arrivals === 'poisson') {
    for (let atMs = 0, n = 0; ; n += 1) {
      atMs += exponentialDraw(seed, `send-${n}`, 'arrival', meanMs)
      if (atMs >= forMs) return due
      due.push(atMs)
    }
  }
  const count = Math.floor(forMs / meanMs)
  for (let n = 0; n < count; n += 1) {
    const evenMs = n * meanMs
    const second = Math.floor(evenMs / 1_000)
    due.push(arrivals === 'even' ? evenMs : second * 1_000 + (evenMs - second * 1_000) * BURST_SHARE)
  }
  return due
}

/** Those that fall into every second window, the first of them without. */
export function inEverySecondWindow(dueMs: readonly number[], forMs: number, windows: number): number[] {
  return dueMs.filter(atMs => windowOf(atMs, forMs, windows) % 2 === 1)
}

export function windowOf(atMs: number, forMs: number, windows: number): number {
  return Math.min(windows - 1, Math.floor((windows * atMs) / forMs))
}
