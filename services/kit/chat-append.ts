import { taskId } from '#contracts/ids'
import { appendNew } from './append-new.ts'
import type { Database, Query } from './database.ts'
import type { NewMessage, Placed } from './new-message.ts'

export type Appended = Placed | { outcome: 'too-many-tasks' }

export interface AppendLimits {
  robot: string
  userTasksMax: number
}

const UNIQUE_VIOLATION = '23505'
const DEADLOCK = '40P01'
const ATTEMPTS_MAX = 5

const ADD = 'select add_tasks($1, $2, $3, $4, $5, $6, $7) as id'
const ADD_IN_ORDER = 'select add_tasks_in_order($1, $2, $3, $4, $5, $6, $7, $8) as id'

/** How messages get their places: `appendKnown` or `appendNew`. */
type Place = (query: Query, messages: readonly NewMessage[]) => Promise<Placed[]>

/** @param optimistic ids are mostly new: a known one rolls back, and the next pass gives its place.
 *  Else each id is looked up. */
export async function append(
  database: Database,
  batch: readonly NewMessage[],
  limits: AppendLimits,
  { atOnce, optimistic }: { atOnce: number; optimistic: boolean },
): Promise<Appended[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await appendOnce(database, batch, limits, atOnce, optimistic && attempt === 1 ? appendNew : appendKnown)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if ((code !== UNIQUE_VIOLATION && code !== DEADLOCK) || attempt === ATTEMPTS_MAX) throw error
    }
  }
}

/** The plain way: the database groups, numbers and looks each id up. */
async function appendKnown(query: Query, messages: readonly NewMessage[]): Promise<Placed[]> {
  type AppendRow = { ord: number; outcome: 'stored' | 'same' | 'reused'; seq: number; sent_at: Date }
  const column = <K extends keyof NewMessage>(key: K) => messages.map(message => message[key])
  const columns = [column('conversation'), column('sender'), column('to'), column('clientMessageId'), column('body')]
  const rows = await query<AppendRow>('select * from append_messages($1, $2, $3, $4, $5)', columns)
  const results = new Array<Placed>(messages.length)
  for (const { ord, outcome, seq, sent_at } of rows)
    results[ord - 1] = outcome === 'reused' ? { outcome } : { outcome, seq, sentAt: sent_at.toISOString() }
  return results
}

async function appendOnce(
  database: Database,
  batch: readonly NewMessage[],
  limits: AppendLimits,
  atOnce: number,
  place: Place,
): Promise<Appended[]> {
  const hasPrompts = batch.some(message => message.capability !== undefined)
  // No prompts, so no transaction: one call commits.
  if (!hasPrompts) return place((text, values) => database.query(text, values), batch)

  return database.transaction(async query => {
    const refused = await overCap(query, batch, limits.userTasksMax)
    const accepted = batch.filter(message => !refused.has(message))
    const placed = accepted.length === 0 ? [] : await place(query, accepted)
    const results = new Map(accepted.map((message, i) => [message, placed[i]!]))
    const prompts = accepted.flatMap(message => {
      const result = results.get(message)
      if (message.capability === undefined || result === undefined || (result.outcome !== 'stored' && result.outcome !== 'same')) return []
      result.task = taskId(message.conversation, result.seq)
      return result.outcome === 'stored' ? [{ message, result, seq: result.seq, id: result.task, capability: message.capability }] : []
    })
    if (prompts.length > 0) {
      const rows = await query<{ id: string }>(atOnce > 0 ? ADD_IN_ORDER : ADD, [
        prompts.map(p => p.id),
        prompts.map(p => p.message.conversation),
        prompts.map(p => p.seq),
        prompts.map(p => p.message.sender),
        prompts.map(() => limits.robot),
        prompts.map(p => p.capability),
        prompts.map(p => p.message.clientMessageId),
        ...(atOnce > 0 ? [atOnce] : []),
      ])
      if (atOnce > 0) {
        const due = new Set(rows.map(row => row.id))
        for (const { id, result } of prompts) if (!due.has(id)) result.held = true
      }
    }
    return batch.map(message => results.get(message) ?? { outcome: 'too-many-tasks' })
  })
}

/** New prompts of users at their limit. Prompts already stored pass. */
async function overCap(query: Query, batch: readonly NewMessage[], max: number): Promise<Set<NewMessage>> {
  const prompts = batch.filter(message => message.capability !== undefined)
  const rows = await query<{ asker: string; open: number }>(
    "select asker, count(*)::int as open from tasks where asker = any ($1) and state in ('queued', 'running') group by asker",
    [[...new Set(prompts.map(prompt => prompt.sender))]],
  )
  const open = new Map(rows.map(row => [row.asker, row.open]))
  const over: NewMessage[] = []
  for (const prompt of prompts) {
    const count = (open.get(prompt.sender) ?? 0) + 1
    if (count > max) over.push(prompt)
    else open.set(prompt.sender, count)
  }
  if (over.length === 0) return new Set()
  const known = await query<{ sender: string; client_message_id: string }>(
    'select m.sender, m.client_message_id from messages m join unnest($1::text[], $2::uuid[]) as o (sender, id) on m.sender = o.sender and m.client_message_id = o.id',
    [over.map(p => p.sender), over.map(p => p.clientMessageId)],
  )
  const repeated = new Set(known.map(row => `${row.sender}:${row.client_message_id}`))
  return new Set(over.filter(prompt => !repeated.has(`${prompt.sender}:${prompt.clientMessageId}`)))
}
