import { type Described, ofWorker } from '../../scenarios/predictor/described.ts'

/** Slots that the broker never fills, with cause and remedy; undefined if none. Pure. */
export function unfilledSlots({
  serviceMs,
  slots,
  prefetchTasks,
}: Pick<Described, 'serviceMs' | 'slots' | 'prefetchTasks'>): string | undefined {
  const each = serviceMs.map((_, worker) => ({ slots: ofWorker(slots, worker), prefetch: ofWorker(prefetchTasks, worker) }))
  const sum = (of: (worker: (typeof each)[number]) => number) => each.reduce((total, worker) => total + of(worker), 0)
  const unfilled = sum(worker => (worker.prefetch === 0 ? 0 : Math.max(0, worker.slots - worker.prefetch)))
  if (unfilled === 0) return undefined
  const all = sum(worker => worker.slots)
  const share = 2 * unfilled === all ? 'half the slots' : `${unfilled} of ${all} slots`
  return `With this prefetch ${share} can never fill: prefetch = slots (--prefetch ${slots.join(',')}) is the least.`
}
