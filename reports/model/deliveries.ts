import { onlineSpans } from '#checks/devices'
import { eventsOf, type History } from '#evidence/history'

/** How long each message took to each device, for delivery scenarios. Pure. */

export interface Arrival {
  /** From sending to showing; absent: this device never showed it. Milliseconds. */
  tookMs?: number
  /** The device was there when it was sent. */
  wasOnline: boolean
}

export interface DeviceRow {
  /** The device with its user, or several. */
  name: string
  /** Nodes it was on, the first one first. */
  nodes: string[]
  deliveries: Arrival[]
}

/** What a device showed or should have: messages of others while online, and others shown. */
export function deviceRows(history: History): DeviceRow[] {
  const users = new Map<string, string>()
  const rows = new Map<string, DeviceRow>()
  for (const { user, device, node } of eventsOf(history, 'online')) {
    const row = rows.get(device) ?? { name: device, nodes: [], deliveries: [] }
    if (!row.nodes.includes(node)) row.nodes.push(node)
    rows.set(device, row)
    users.set(device, user)
  }
  const online = Map.groupBy(onlineSpans(history), span => span.device)
  const shown = new Map<string, number>()
  for (const event of eventsOf(history, 'shown')) {
    const key = `${event.device}:${event.sender}:${event.clientMessageId}`
    if (!shown.has(key)) shown.set(key, event.atMs)
  }
  const devicesOf = Map.groupBy(rows.keys(), device => users.get(device) ?? '')
  for (const send of eventsOf(history, 'send')) {
    for (const device of [...(devicesOf.get(send.to) ?? []), ...(devicesOf.get(send.user) ?? [])]) {
      if (device === send.device) continue
      const shownMs = shown.get(`${device}:${send.user}:${send.clientMessageId}`)
      const wasOnline = online.get(device)?.some(span => span.fromMs <= send.atMs && send.atMs < span.toMs) ?? false
      if (shownMs !== undefined) rows.get(device)?.deliveries.push({ tookMs: shownMs - send.atMs, wasOnline })
      else if (wasOnline) rows.get(device)?.deliveries.push({ wasOnline })
    }
  }
  return [...rows.values()].filter(row => row.deliveries.length > 0)
}

export function missing({ deliveries }: DeviceRow): number {
  return deliveries.filter(({ tookMs }) => tookMs === undefined).length
}

/** Rows of their own for the busiest; the others as one. @param most rows. */
export function fewerRows(rows: readonly DeviceRow[], most: number): DeviceRow[] {
  const ranked = rows.toSorted((a, b) => b.deliveries.length - a.deliveries.length || missing(b) - missing(a))
  if (ranked.length <= most) return ranked
  const others = ranked.slice(most - 1)
  const nodes = [...new Set(others.flatMap(row => row.nodes))].sort()
  return [
    ...ranked.slice(0, most - 1),
    { name: `${others.length} other devices`, nodes, deliveries: others.flatMap(row => row.deliveries) },
  ]
}
