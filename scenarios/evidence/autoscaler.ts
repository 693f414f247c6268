import type { History } from './history.ts'

/** What an autoscaler sees of a queue, from a lab's own samples. KEDA's scaler counts ready
 *  messages over `amqp`, ready and unacked ones over `http`, and wants a replica for each `value`
 *  of them: https://keda.sh/docs/latest/scalers/rabbitmq-queue/. Pure. */

export interface Scaler {
  /** Messages for one replica. */
  value: number
  /** Between two looks. Milliseconds of the deployment, not of a lab that runs faster. */
  pollingMs: number
}

/** `value` as where none is set, `pollingInterval` of a ScaledObject:
 *  https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export const KEDA_DEFAULTS: Scaler = { value: 20, pollingMs: 30_000 }

/** What the broker counts at one moment. */
export interface Counts {
  atMs: number
  ready: number
  /** Delivered to workers and not settled, as they count them. */
  unacked: number
}

export const replicasFor = (messages: number, { value }: Pick<Scaler, 'value'>) => Math.ceil(messages / value)

/** The counts of each sample of the lab. */
export function countsOf(history: History): Counts[] {
  const counts: Counts[] = []
  let [held, ready] = [new Map<string, number>(), new Map<string, number>()]
  let isWhole = false
  for (const event of history.events) {
    if (event.kind !== 'held' && event.kind !== 'queue') continue
    // A look has its workers first, then its queues: a dead worker is missing and holds nothing.
    if (event.kind === 'held' ? isWhole : ready.has(event.queue)) [held, ready, isWhole] = [new Map(), new Map(), false]
    if (event.kind === 'held') held.set(event.worker, event.held)
    else {
      if (isWhole) counts.pop()
      isWhole = true
      ready.set(event.queue, event.ready)
      counts.push({ atMs: event.atMs, ready: sum(ready), unacked: sum(held) })
    }
  }
  return counts
}

/** One look of the scaler, and the replicas that it asks for. */
export interface Look extends Counts {
  amqp: number
  http: number
}

/** @param timeScale of the lab: its clock runs that many times as fast */
export function looksOf(history: History, scaler: Scaler, timeScale: number, { fromMs, toMs }: { fromMs: number; toMs: number }): Look[] {
  const counts = countsOf(history)
  const looks: Look[] = []
  let next = 0
  for (let atMs = fromMs; atMs <= toMs; atMs += scaler.pollingMs / timeScale) {
    while (next < counts.length && counts[next]!.atMs <= atMs) next += 1
    const { ready = 0, unacked = 0 } = counts[next - 1] ?? {}
    looks.push({ atMs, ready, unacked, amqp: replicasFor(ready, scaler), http: replicasFor(ready + unacked, scaler) })
  }
  return looks
}

/** Somebody waited: more was there than the workers of the arm could work on at once. */
export function hadBacklog(history: History): boolean {
  const slots = history.workers.reduce((total, worker) => total + worker.slots, 0)
  return countsOf(history).some(({ ready, unacked }) => ready + unacked > slots)
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0)
