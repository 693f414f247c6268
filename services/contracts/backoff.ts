/** Full jitter, 0 to the exponential bound, spreads a thousand clients out. `attempt` from 0. */
export function fullJitterMs(attempt: number, baseMs: number, capMs: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30))
}
