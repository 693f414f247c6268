import type { Arm } from '../../scenarios/experiment/hour/state.ts'
import { PATIENT_MS } from './wait-kind.ts'

/** Who is followed: one kept waiting by the large prefetch. Pure; judges by the past alone. */

/** How long an answer stays in view, as a share of the hour: 1.5 s of a minute. */
const LINGER_SHARE = 1 / 40
/** After this share of the hour the followed person stays to the end. */
const LAST_SHARE = 0.7

/** In the order in which they are followed: short ones, so that they fit beside a number. */
const NAMES = ['Ann', 'Bea', 'Cleo', 'Dana', 'Eve', 'Fay', 'Gina', 'Hana', 'Iris', 'Jane', 'Kim', 'Lena']

export interface Hero {
  name: string
  /** Index of her task. */
  task: number
}

/** Those who were followed up to `nowMs`, the present one last.
 *  @param noticedMs a shorter wait is not worth following */
export function followed({ tasks }: Arm, hourMs: number, nowMs: number, noticedMs = PATIENT_MS): Hero[] {
  const found: Hero[] = []
  let fromMs = 0
  while (fromMs <= LAST_SHARE * hourMs) {
    const next = nextHero(tasks, fromMs, noticedMs)
    if (next === undefined || next.fromMs > nowMs) break
    found.push({ name: NAMES[found.length % NAMES.length] ?? '', task: next.index })
    const { startedAtMs } = tasks[next.index] ?? {}
    if (startedAtMs === undefined) break
    fromMs = Math.max(next.fromMs, startedAtMs) + LINGER_SHARE * hourMs
  }
  return found
}

/** The latest who has waited long enough and still waits; else the first who will. */
function nextHero(tasks: Arm['tasks'], fromMs: number, noticedMs: number): { index: number; fromMs: number } | undefined {
  let latest: number | undefined
  for (const [index, { arrivedAtMs, startedAtMs = Number.POSITIVE_INFINITY }] of tasks.entries()) {
    if (arrivedAtMs + noticedMs <= fromMs) {
      if (startedAtMs > fromMs) latest = index
    } else if (latest !== undefined) break
    else if (startedAtMs - arrivedAtMs > noticedMs) return { index, fromMs: arrivedAtMs + noticedMs }
  }
  return latest === undefined ? undefined : { index: latest, fromMs }
}
