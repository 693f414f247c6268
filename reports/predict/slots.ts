import { type Described, ofWorker } from '../../scenarios/predictor/described.ts'

/** Slots that the broker never fills, with cause and remedy; undefined if none. Pure. */
export function unfilledSlots({
  serviceMs,
  slots,
  prefetchTasks,
}: Pick<Described, 'serviceMs' | 'slots' | 'prefetchTasks'>): string | undefined {
  const unfilled = serviceMs.reduce((sum, _, worker) => {
    const prefetch = ofWorker(prefetchTasks, worker)
    return sum + (prefetch === 0 ? 0 : Math.max(0, slots - prefetch))
  }, 0)
  if (unfilled === 0) return undefined
  const all = slots * serviceMs.length
  const share = 2 * unfilled === all ? 'half the slots' : `${unfilled} of ${all} slots`
  return `With this prefetch ${share} can never fill: prefetch = slots (--prefetch ${slots}) is the least.`
}
