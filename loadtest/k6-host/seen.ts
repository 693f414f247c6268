import type { SentRecord } from '../generator/messages.ts'
import type { Batch, Seen } from '../k6/settings.ts'

/** From k6's samples to one record a message. Pure. */

// https://grafana.com/docs/k6/latest/results-output/real-time/json/
/** A VU's report in a line of k6's samples, and when it was written. */
export function reportOf(line: string): (Batch & { wallMs: number }) | undefined {
  if (!line.includes('"batch":')) return undefined
  const { data } = JSON.parse(line) as { data: { time: string; metadata: { batch: string } } }
  return { ...(JSON.parse(data.metadata.batch) as Batch), wallMs: Date.parse(data.time) }
}

/** From k6's clock, which began at `startMs`, to the lab's. */
export function shifted(event: Seen, startMs: number): Seen {
  const atMs = event.atMs + startMs
  return event.kind === 'send' && event.dueMs !== undefined ? { ...event, atMs, dueMs: event.dueMs + startMs } : { ...event, atMs }
}

/** Sends that were due from `fromMs` on, with what was seen of each. */
export function recordsOf(seen: readonly Seen[], kind: SentRecord['kind'], fromMs: number): SentRecord[] {
  const sends = new Map<string, SentRecord>()
  const tasks = new Map<string, SentRecord>()
  for (const event of seen) {
    if (event.kind === 'send') {
      const { clientMessageId, atMs: sentMs, dueMs = sentMs } = event
      sends.set(clientMessageId, { kind, measured: dueMs >= fromMs, dueMs, sentMs })
    } else if (event.kind === 'stored' || event.kind === 'refused' || event.kind === 'unknown') {
      const record = sends.get(event.clientMessageId)
      if (record === undefined) continue
      if (event.kind === 'stored') record.storedMs ??= event.atMs
      else record.failed ??= event.kind === 'refused' ? event.code : event.kind
      if (event.kind === 'stored' && event.task !== undefined) tasks.set(event.task, record)
    }
  }
  // Apart: a fast answer may overtake the frame that names its task.
  for (const event of seen) {
    if (event.kind !== 'piece' && (event.kind !== 'shown' || event.user === event.sender)) continue
    const record = event.task === undefined ? sends.get(event.kind === 'shown' ? event.clientMessageId : '') : tasks.get(event.task)
    if (record === undefined) continue
    if (event.kind === 'shown' && event.answered === false) record.failed ??= 'apology'
    else if (event.kind === 'shown') record.seenMs ??= event.atMs
    if (event.task !== undefined && record.failed === undefined) record.firstMs ??= event.atMs
  }
  return [...sends.values()].filter(({ measured }) => measured)
}
