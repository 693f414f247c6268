import type { Arm } from '../../scenarios/experiment/hour/state.ts'

/** Who is followed: one person at a time, of those whom the large prefetch keeps waiting. Pure, and told only by what happened before: the same rule picks
 *  them in a run that is still going on. */

/** Nobody who waits less is worth following. Milliseconds. */
const NOTICED_MS = 30_000
/** How long her answer stays in view before the next one is followed, as a share of the hour: a second and a half of a minute. */
const LINGER_SHARE = 1 / 40
/** Whoever is followed then stays to the end: a new one would end the hour with a short wait. */
const LAST_SHARE = 0.7

/** In the order in which they are followed: short ones, so that they fit beside a number. */
const NAMES = ['Ann', 'Bea', 'Cleo', 'Dana', 'Eve', 'Fay', 'Gina', 'Hana', 'Iris', 'Jane', 'Kim', 'Lena']

export interface Hero {
  name: string
  /** Index of her task. */
  task: number
}

/** Those who were followed up to `nowMs`, the present one last. */
export function followed({ tasks }: Arm, hourMs: number, nowMs: number): Hero[] {
  const found: Hero[] = []
  let fromMs = 0
  while (fromMs <= LAST_SHARE * hourMs) {
    const next = nextHero(tasks, fromMs)
    if (next === undefined || next.fromMs > nowMs) break
    found.push({ name: NAMES[found.length % NAMES.length] ?? '', task: next.index })
    const { startedAtMs } = tasks[next.index] ?? {}
    if (startedAtMs === undefined) break
    fromMs = Math.max(next.fromMs, startedAtMs) + LINGER_SHARE * hourMs
  }
  return found
}

/** The latest of those who have waited long enough by then and still wait; if there is none, the first whose wait becomes long enough. */
function nextHero(tasks: Arm['tasks'], fromMs: number): { index: number; fromMs: number } | undefined {
  let latest: number | undefined
  for (const [index, { arrivedAtMs, startedAtMs = Number.POSITIVE_INFINITY }] of tasks.entries()) {
    if (arrivedAtMs + NOTICED_MS <= fromMs) {
      if (startedAtMs > fromMs) latest = index
    } else if (latest !== undefined) break
    else if (startedAtMs - arrivedAtMs > NOTICED_MS) return { index, fromMs: arrivedAtMs + NOTICED_MS }
  }
  return latest === undefined ? undefined : { index: latest, fromMs }
}
