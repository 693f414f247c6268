import type { Start } from '#predictor'
import { batchingOf, type Described, type Fleet, ofWorker } from './described.ts'

/** What is asked of the workers, against what they can do. Pure. */

/** Above this, waits depend on seed and length more than on settings. Percent. */
export const NEARLY_FULL_PERCENT = 95

export interface Load {
  /** All GPUs, every slot busy, no gap. */
  capacityPerSecond: number
  /** What this prefetch and gap leave of it. */
  keptPerSecond: number
  /** Nothing for a burst or backlog, whose tasks are all there at once. */
  offered: { perSecond: number; percentOfCapacity: number; percentOfKept: number } | undefined
}

export function loadOf(args: Fleet & Pick<Described, 'prefetchTasks' | 'gapMs' | 'start'>): Load {
  const { serviceMs, slots, prefetchTasks, gapMs } = args
  const capacityPerSecond = gpusPerSecond(args)
  const keptPerSecond =
    sum(
      serviceMs.map((ms, worker) =>
        keptPerMs(ms, ofWorker(slots, worker), batchingOf(args, worker), ofWorker(prefetchTasks, worker), gapMs),
      ),
    ) * 1_000
  const perSecond = offeredPerSecond(args.start)
  if (perSecond === undefined) return { capacityPerSecond, keptPerSecond, offered: undefined }
  // A billionth of a percent is rounding: 150 of 100 + 50 is full.
  const of = (capacity: number) => Number(((100 * perSecond) / capacity).toFixed(9))
  return {
    capacityPerSecond,
    keptPerSecond,
    offered: { perSecond, percentOfCapacity: of(capacityPerSecond), percentOfKept: of(keptPerSecond) },
  }
}

/** Tasks a second that the GPUs can do together with every slot busy. */
export function gpusPerSecond(fleet: Fleet): number {
  const speed = (worker: number) => speedOf(batchingOf(fleet, worker), ofWorker(fleet.slots, worker))
  return sum(fleet.serviceMs.map((ms, worker) => (1_000 * speed(worker)) / ms))
}

/** A trace offers what it has between its first and last task; nothing if that is one instant. */
function offeredPerSecond(start: Start): number | undefined {
  if (start.kind === 'poisson') return start.perSecond
  if (start.kind !== 'trace') return undefined
  const spanMs = (start.publishedMs.at(-1) ?? 0) - (start.publishedMs[0] ?? 0)
  return spanMs === 0 ? undefined : (1_000 * (start.publishedMs.length - 1)) / spanMs
}

/** Tasks/ms of a busy worker: n on the GPU, and those it ends in a gap on their way: n + gapMs
 *  x speed(n) / serviceMs = prefetch; n <= slots, linear between. */
function keptPerMs(serviceMs: number, slots: number, batching: readonly number[], prefetchTasks: number, gapMs: number): number {
  const speed = (streams: number) => speedOf(batching, streams)
  const window = prefetchTasks === 0 ? Number.POSITIVE_INFINITY : prefetchTasks
  const onTheWay = (streams: number) => (gapMs * speed(streams)) / serviceMs
  for (let streams = 1; streams <= slots; streams++) {
    const [below, here] = [streams - 1 + onTheWay(streams - 1), streams + onTheWay(streams)]
    if (here <= window) continue
    const share = (window - below) / (here - below)
    return (speed(streams - 1) + share * (speed(streams) - speed(streams - 1))) / serviceMs
  }
  return speed(slots) / serviceMs
}

/** Of a GPU with this many streams, relative to one. */
const speedOf = (batching: readonly number[], streams: number) => (streams === 0 ? 0 : (batching[streams - 1] ?? batching.at(-1) ?? 1))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** 311.2 -> `311 %`, 99.98 -> `99.9 %`: never rounded up to full. */
export function loadPercent(percent: number): string {
  return percent > 90 && percent < 110
    ? `${(Math.floor(10 * percent + 1e-6) / 10).toFixed(1)} %`
    : `${percent.toFixed(percent < 10 ? 1 : 0)} %`
}
