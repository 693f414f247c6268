import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check } from '../verdict.ts'

/** What was committed, and what users were shown of it. */

type Row = EventOf<'message-row'>

const place = (event: { conversation: string; seq: number }) => `${event.conversation}:${event.seq}`

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
      if (other !== undefined) breaches.push(breach('place-shared', { seq: row.seq, conversation: row.conversation }, other, row))
      at.set(place(row), row)
      const head = heads.get(row.conversation)
      if (head === undefined) heads.set(row.conversation, { count: 1, head: row.seq, last: row })
      else heads.set(row.conversation, { count: head.count + 1, head: Math.max(head.head, row.seq), last: row })
    }
    for (const [conversation, { count, head, last }] of heads) {
      if (count < head) breaches.push(breach('hole', { conversation, rows: count, head }, last))
    }
    const told = history.sequenced ? toldOf(history) : []
    for (const event of told) {
      const row = at.get(place(event))
      const sender = event.kind === 'stored' ? event.user : event.sender
      if (row?.sender === sender && row.clientMessageId === event.clientMessageId) continue
      const values = { device: event.device, as: event.kind, message: event.clientMessageId, sender, seq: event.seq }
      breaches.push(
        row === undefined
          ? breach('no-row-there', values, event)
          : breach('other-row-there', { ...values, rowMessage: row.clientMessageId, rowSender: row.sender }, event, row),
      )
    }
    return { judged: rows.length + told.length, of: 'rows-and-reports-of-them', breaches }
  },
)

/** Until rest: the database is read then, and later events may be newer. Places from 1. */
function toldOf(history: History): (EventOf<'stored'> | EventOf<'shown'>)[] {
  const untilMs = eventsOf(history, 'rest').at(-1)?.atMs ?? Number.POSITIVE_INFINITY
  return [...eventsOf(history, 'stored'), ...eventsOf(history, 'shown')].filter(event => event.seq > 0 && event.atMs <= untilMs)
}
