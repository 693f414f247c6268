/** Full jitter: anywhere between 0 and the exponential bound, so that a thousand clients of a killed node do not return in step. `attempt` from 0. */
export function fullJitterMs(attempt: number, baseMs: number, capMs: number, random: () => number): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30))
}
