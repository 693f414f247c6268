import type { Held } from '#contracts/http'

export interface HeldTasks {
  held: number
  /** Of these: being inferred. */
  running: number
  /** How long the oldest has been held. Milliseconds; undefined if none is. */
  oldestMs: number | undefined
}

/** Unacknowledged tasks per worker, all queues; a silent worker is missing. */
export function heldTasks(workers: readonly Held[]): Map<string, HeldTasks> {
  return new Map(
    workers.map(({ worker, queues, oldestMs }) => {
      const all = Object.values(queues)
      const sum = (of: 'held' | 'running') => all.reduce((total, queue) => total + queue[of], 0)
      return [worker, { held: sum('held'), running: sum('running'), oldestMs }]
    }),
  )
}
