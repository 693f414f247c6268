import type { Lab } from '../lab/lab.ts'

/** Unacknowledged tasks per worker, all queues; a silent worker is missing. */
export async function heldTasks(lab: Lab): Promise<Map<string, { held: number; running: number }>> {
  return new Map(
    (await lab.held()).map(({ worker, queues }) => {
      const all = Object.values(queues)
      const sum = (of: 'held' | 'running') => all.reduce((total, queue) => total + queue[of], 0)
      return [worker, { held: sum('held'), running: sum('running') }]
    }),
  )
}
