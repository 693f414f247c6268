export interface Order {
  /** Pairs of tasks of which the later one came first. Equal times count as in order. */
  inversions: number
  /** Of all pairs; 0 = first-in first-out, 1 = reversed. */
  invertedFraction: number
  /** 1 - 2 x invertedFraction. */
  tau: number
  /** The most later tasks that came before one task. */
  maxOvertakes: number
}

/** How well an order was kept. `times` in the order due. n log n. */
export function orderOf(times: readonly number[]): Order {
  const overtakes = overtakesOf(times)
  let inversions = 0
  let maxOvertakes = 0
  for (const count of overtakes) {
    inversions += count
    maxOvertakes = Math.max(maxOvertakes, count)
  }
  const pairs = (times.length * (times.length - 1)) / 2
  const invertedFraction = pairs === 0 ? 0 : inversions / pairs
  return { inversions, invertedFraction, tau: 1 - 2 * invertedFraction, maxOvertakes }
}

/** For each task, how many later ones came before it. */
export function overtakesOf(times: readonly number[]): number[] {
  const rank = new Map([...new Set(times)].sort((a, b) => a - b).map((time, index) => [time, index + 1]))
  // A Fenwick tree over ranks, filled from the last task: it holds the later ones.
  const tree = new Uint32Array(rank.size + 1)
  const overtakes = new Array<number>(times.length).fill(0)
  for (let task = times.length - 1; task >= 0; task--) {
    const own = rank.get(times[task]!)!
    let earlier = 0
    for (let at = own - 1; at > 0; at -= at & -at) earlier += tree[at]!
    overtakes[task] = earlier
    for (let at = own; at < tree.length; at += at & -at) tree[at]!++
  }
  return overtakes
}
