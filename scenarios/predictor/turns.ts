/** Whose turn it is among the workers with room. */
export interface Turns {
  /** This worker has room (again). Saying so twice is harmless. */
  offer(worker: number): void
  /** Takes the next worker out; one that still has room is offered again by the caller. */
  take(): number | undefined
}

/** RabbitMQ's order: highest consumer priority; within one, a queue of consumers with room, the
 *  served at its end. With room everywhere it alternates, blind to speed. */
export function consumerTurns(priorities: readonly number[]): Turns {
  const levels = [...new Set(priorities)].sort((a, b) => b - a).map(priority => ({ priority, waiting: [] as number[] }))
  const levelOf = priorities.map(priority => levels.find(level => level.priority === priority)!)
  const offered = priorities.map(() => false)
  return {
    offer(worker) {
      if (offered[worker]) return
      offered[worker] = true
      levelOf[worker]!.waiting.push(worker)
    },
    take() {
      const worker = levels.find(level => level.waiting.length > 0)?.waiting.shift()
      if (worker !== undefined) offered[worker] = false
      return worker
    },
  }
}

/** A pointer that goes round: the first worker with room after the one that was served last. */
export function rotatingTurns(workers: number): Turns {
  const offered = Array.from({ length: workers }, () => false)
  let last = workers - 1
  return {
    offer(worker) {
      offered[worker] = true
    },
    take() {
      for (let step = 1; step <= workers; step++) {
        const worker = (last + step) % workers
        if (!offered[worker]) continue
        offered[worker] = false
        last = worker
        return worker
      }
      return undefined
    },
  }
}
