import { draw } from '#contracts/gpu-timing'

/** When tasks are published, and whether the workers were there first. */
export type Start =
  /** All workers connected, then all tasks at once. */
  | { kind: 'burst' }
  /** All tasks first, then the workers connect in the order given. */
  | { kind: 'backlog' }
  /** Workers connected; tasks at random, on average so many per second, for ever. */
  | { kind: 'poisson'; perSecond: number }
  /** Workers connected; one time per task, ascending. Milliseconds. */
  | { kind: 'trace'; publishedMs: readonly number[] }

/** Publish times of the tasks, the first of a burst or backlog at 0. Each gap is drawn by (seed, task), so that a longer run begins like a shorter one. */
export function publishTimesMs(start: Start, ids: readonly string[], seed: number): number[] {
  switch (start.kind) {
    case 'burst':
    case 'backlog':
      return ids.map(() => 0)
    case 'trace':
      return ids.map((id, index) => {
        const atMs = start.publishedMs[index]
        if (atMs === undefined) throw new RangeError(`expected a publish time for each of ${ids.length} tasks, got none for ${id}`)
        return atMs
      })
    case 'poisson': {
      let atMs = 0
      return ids.map(id => {
        atMs += exponentialDraw(seed, id, 'gap', 1_000 / start.perSecond)
        return atMs
      })
    }
  }
}

/** When the workers connect: for a backlog after the tasks of that instant, in the order given; else before everything. */
export function connectTimeMs(start: Start): number {
  return start.kind === 'backlog' ? 0 : Number.NEGATIVE_INFINITY
}

/** Exponential with this mean, keyed by seed, task and purpose. Never 0. */
export function exponentialDraw(seed: number, task: string, purpose: string, mean: number): number {
  return -mean * Math.log(1 - Math.max(draw(seed, task, purpose), 2 ** -48))
}
