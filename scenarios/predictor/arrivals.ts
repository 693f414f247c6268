import { draw } from '#contracts/gpu-timing'

/** When tasks are published, and whether the workers were there first. */
export type Start =
  /** All workers connected, then all tasks at once. */
  | { kind: 'burst' }
  /** All tasks first, then the workers connect in the order given. */
  | { kind: 'backlog' }
  /** Workers connected; random tasks at this mean rate, endlessly. */
  | { kind: 'poisson'; perSecond: number }
  /** Workers connected; one time per task, ascending. Milliseconds. */
  | { kind: 'trace'; publishedMs: readonly number[] }

/** Publish times, a burst's first at 0. Gaps drawn by (seed, task): a longer run starts alike. */
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

/** When workers connect: in a backlog after its tasks, else first. */
export function connectTimeMs(start: Start): number {
  return start.kind === 'backlog' ? 0 : Number.NEGATIVE_INFINITY
}

/** Exponential with this mean, keyed by seed, task and purpose. Never 0. */
export function exponentialDraw(seed: number, task: string, purpose: string, mean: number): number {
  return -mean * Math.log(1 - Math.max(draw(seed, task, purpose), 2 ** -48))
}
