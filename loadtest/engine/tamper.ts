import type { HistoryEvent } from '#evidence/history'

/** Tests the checks: falsifies what devices showed, after the measurement. Pure. */

export interface TamperPlan {
  kind: 'drop' | 'duplicate' | 'swap'
  /** One of this many messages that reach their recipients. */
  every: number
}

/** @param events in the order in which they were written down */
export function tampered(events: readonly HistoryEvent[], { kind, every }: TamperPlan): HistoryEvent[] {
  let reached = 0
  /** Of a conversation on a device: what changes places with the next one. */
  const held = new Map<string, HistoryEvent>()
  const written = events.flatMap(event => {
    if (event.kind !== 'shown') return [event]
    const key = `${event.device} ${event.conversation}`
    if (event.sender !== event.user) reached += 1
    const chosen = event.sender !== event.user && reached % every === 0
    const before = held.get(key)
    held.delete(key)
    if (before !== undefined) return [event, { ...before, atMs: event.atMs }]
    if (!chosen) return [event]
    if (kind === 'swap') held.set(key, event)
    return kind === 'duplicate' ? [event, event] : []
  })
  // The last of its conversation has no partner.
  const lastMs = events.at(-1)?.atMs ?? 0
  return [...written, ...held.values().map(event => ({ ...event, atMs: lastMs }))]
}
