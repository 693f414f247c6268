import { type EventOf, eventsOf, type History } from '../history.ts'

/** Which devices a user had, and when each was online. */

/** Devices that a user ever came online with. */
export function devicesByUser(history: History): Map<string, Set<string>> {
  const devices = new Map<string, Set<string>>()
  for (const event of history.events) {
    if (event.kind !== 'send' && event.kind !== 'shown' && event.kind !== 'stored' && event.kind !== 'online') continue
    const own = devices.get(event.user)
    if (own === undefined) devices.set(event.user, new Set([event.device]))
    else own.add(event.device)
  }
  return devices
}

export interface OnlineSpan {
  user: string
  device: string
  fromMs: number
  /** Infinity where it never went offline again. */
  toMs: number
}

/** From when to when each device was online. */
export function onlineSpans(history: History): OnlineSpan[] {
  const spans: OnlineSpan[] = []
  const open = new Map<string, EventOf<'online'>>()
  const end = (device: string, toMs: number) => {
    const from = open.get(device)
    if (from !== undefined) spans.push({ user: from.user, device, fromMs: from.atMs, toMs })
    open.delete(device)
  }
  for (const event of history.events) {
    if (event.kind === 'online') open.set(event.device, event)
    else if (event.kind === 'offline') end(event.device, event.atMs)
  }
  for (const device of [...open.keys()]) end(device, Number.POSITIVE_INFINITY)
  return spans
}

/** Devices online at the end, which must have seen it; without sequences (no resume) since the
 *  asking. @returns user and time of asking -> devices; empty if all left or none came. */
export function owedDevices(history: History): (user: string, askedMs: number) => string[] {
  const restMs = eventsOf(history, 'rest').at(-1)?.atMs ?? Number.POSITIVE_INFINITY
  // What goes offline after the rest does so because the arm is over.
  const staying = onlineSpans(history).filter(span => span.fromMs <= restMs && span.toMs >= restMs)
  const byUser = Map.groupBy(staying, span => span.user)
  return (user, askedMs) => (byUser.get(user) ?? []).filter(span => history.sequenced || span.fromMs <= askedMs).map(span => span.device)
}
