import { type EventOf, eventsOf, type History } from '../history.ts'

/** From when on a script let its workers work: one that is stopped, or whose GPU is paused, while prompts gather is no idle capacity. */

const AWAY = new Set(['stop', 'kill', 'pause'])
const BACK = new Set(['start', 'resume'])

/** @returns by worker, when it was let go for what it began first in the measured part; without an entry it had been there all along. Undefined where no single instant
 *  says it: a worker was taken away again after it had begun, or never came back. */
export function letGoMs(history: History): Map<string, number> | undefined {
  const measuredMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const runs = eventsOf(history, 'inference').filter(run => (run.startedAtMs ?? Number.NEGATIVE_INFINITY) >= measuredMs)
  const lastEndMs = runs.reduce((last, run) => Math.max(last, run.endedAtMs ?? run.startedAtMs ?? run.atMs), measuredMs)
  const spans = awaySpans(history)
  const letGo = new Map<string, number>()
  for (const { name } of history.workers) {
    const own = spans.get(name) ?? []
    const firstMs = runs.reduce((first, run) => (run.worker === name ? Math.min(first, run.startedAtMs ?? first) : first), lastEndMs)
    // A verb is written down when it was seen to have worked: the first inference may have begun a little before that.
    const before = own.filter(span => span.fromMs <= firstMs).at(-1)
    if (own.some(span => span.fromMs > firstMs && span.fromMs < lastEndMs) || before?.toMs === Number.POSITIVE_INFINITY) return undefined
    if (before !== undefined && before.toMs > measuredMs) letGo.set(name, Math.min(before.toMs, firstMs))
  }
  return letGo
}

interface Away {
  fromMs: number
  /** Infinity where it never came back. */
  toMs: number
}

/** When each worker could not work, itself or its GPU being away. */
function awaySpans(history: History): Map<string, Away[]> {
  const workersOf = partners(history)
  const away = new Map<string, Set<string>>()
  const spans = new Map<string, Away[]>()
  for (const { part, action, atMs } of eventsOf(history, 'fault')) {
    for (const worker of workersOf.get(part) ?? []) {
      const parts = away.get(worker) ?? new Set()
      const own = spans.get(worker) ?? []
      away.set(worker, parts)
      spans.set(worker, own)
      if (AWAY.has(action)) {
        if (parts.size === 0) own.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY })
        parts.add(part)
      } else if (BACK.has(action)) {
        const last = own.at(-1)
        if (parts.delete(part) && parts.size === 0 && last !== undefined) last.toMs = atMs
      }
    }
  }
  return spans
}

/** Workers by the part whose absence stops them: themselves, and the GPU that they ask, as the inferences tell. */
function partners(history: History): Map<string, Set<string>> {
  const workersOf = new Map(history.workers.map(({ name }) => [name, new Set([name])]))
  const asks = (run: EventOf<'inference'>) => run.gpu !== undefined && workersOf.has(run.worker)
  for (const { gpu = '', worker } of eventsOf(history, 'inference').filter(asks)) {
    const own = workersOf.get(gpu)
    if (own === undefined) workersOf.set(gpu, new Set([worker]))
    else own.add(worker)
  }
  return workersOf
}
