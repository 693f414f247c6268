import { type EventOf, eventsOf, type History } from '../history.ts'
import { check } from '../verdict.ts'

/** What was committed, and that what people were told of it is true. */

type Row = EventOf<'message-row'>

const place = (event: { conversation: string; seq: number }) => `${event.conversation}:${event.seq}`

/** What was committed, and what was told and shown of it, are the same message at the same place. */
export const sequence = check(
  'sequence',
  'Two messages never share a place in a conversation, the store has no hole, and whatever was reported stored or shown at a place is the row there.',
  history => {
    const rows = eventsOf(history, 'message-row')
    const breaches = []
    const heads = new Map<string, { count: number; head: number; last: Row }>()
    const at = new Map<string, Row>()
    for (const row of rows) {
      const other = at.get(place(row))
      if (other !== undefined) breaches.push({ what: `two rows at seq ${row.seq} of ${row.conversation}`, witnesses: [other, row] })
      at.set(place(row), row)
      const head = heads.get(row.conversation)
      if (head === undefined) heads.set(row.conversation, { count: 1, head: row.seq, last: row })
      else heads.set(row.conversation, { count: head.count + 1, head: Math.max(head.head, row.seq), last: row })
    }
    for (const [conversation, { count, head, last }] of heads) {
      if (count < head) breaches.push({ what: `${conversation} has ${count} rows below head ${head}`, witnesses: [last] })
    }
    const told = history.sequenced ? toldOf(history) : []
    for (const event of told) {
      const row = at.get(place(event))
      const sender = event.kind === 'stored' ? event.user : event.sender
      if (row?.sender === sender && row.clientMessageId === event.clientMessageId) continue
      const what = `${event.device} ${event.kind === 'stored' ? 'was told stored' : 'showed'} ${event.clientMessageId} of ${sender} at seq ${event.seq}`
      breaches.push(
        row === undefined
          ? { what: `${what}, where no row is`, witnesses: [event] }
          : { what: `${what}, where the row is ${row.clientMessageId} of ${row.sender}`, witnesses: [event, row] },
      )
    }
    return { judged: rows.length + told.length, of: 'rows and reports of them', breaches }
  },
)

/** Up to the rest: the database is read after it, and what is told later may be younger than that reading. Places count from 1. */
function toldOf(history: History): (EventOf<'stored'> | EventOf<'shown'>)[] {
  const untilMs = eventsOf(history, 'rest').at(-1)?.atMs ?? Number.POSITIVE_INFINITY
  return [...eventsOf(history, 'stored'), ...eventsOf(history, 'shown')].filter(event => event.seq > 0 && event.atMs <= untilMs)
}
