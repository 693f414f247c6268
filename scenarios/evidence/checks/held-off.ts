import { type EventOf, eventsOf, type History } from '../history.ts'

/** From when on a script let workers work: held back on purpose is not idle capacity. */

const AWAY = new Set(['stop', 'kill', 'pause'])
const BACK = new Set(['start', 'resume'])

/** @returns by worker, when it was released for its first measured inference; no entry = always
 *  there. Undefined if it was taken away again, or never returned. */
export function letGoMs(history: History): Map<string, number> | undefined {
  const measuredMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const runs = eventsOf(history, 'inference').filter(run => (run.startedAtMs ?? Number.NEGATIVE_INFINITY) >= measuredMs)
  const lastEndMs = runs.reduce((last, run) => Math.max(last, run.endedAtMs ?? run.startedAtMs ?? run.atMs), measuredMs)
  const spans = awaySpans(history)
  const letGo = new Map<string, number>()
  for (const { name } of history.workers) {
    const own = spans.get(name) ?? []
    const firstMs = runs.reduce((first, run) => (run.worker === name ? Math.min(first, run.startedAtMs ?? first) : first), lastEndMs)
    // A verb is recorded once seen to work: an inference may begin a little earlier.
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

/** Workers by the part whose absence stops them: themselves, and the GPUs they ask. */
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
