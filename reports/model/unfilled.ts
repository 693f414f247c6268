import type { ArmFacts } from '#evidence/history'

/** Slots that the prefetch never fills, and what to set; one line a worker. Pure. */
export function unfilledNotes(workers: ArmFacts['workers']): string[] {
  return workers.flatMap(({ name, prefetchTasks, slots }) =>
    prefetchTasks === 0 || prefetchTasks >= slots
      ? []
      : [
          `${name} has ${slots} slots and prefetch ${prefetchTasks}, so ${slots - prefetchTasks} never fill. Fill them: --set ${name}:workerPrefetchTasks=${slots}`,
        ],
  )
}
