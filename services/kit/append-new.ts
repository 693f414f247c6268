import type { Query } from './database.ts'
import type { NewMessage, Placed } from './new-message.ts'
import { intArray, textArray, uuidArray } from './pg-arrays.ts'

/** The fast way to append messages whose ids are all new. They are sorted and numbered here, so the
 *  database joins and groups nothing (`sql/append-batch.sql`). A used id: unique_violation. */
export async function appendNew(query: Query, messages: readonly NewMessage[]): Promise<Placed[]> {
  const convs: string[] = []
  const counts: number[] = []
  const nth: number[] = []
  const ks: number[] = []
  // Stable: within a conversation the order stays.
  const order = messages.map((_, i) => i).sort((a, b) => compare(messages[a]!.conversation, messages[b]!.conversation))
  for (const i of order) {
    const { conversation } = messages[i]!
    if (convs.at(-1) !== conversation) {
      convs.push(conversation)
      counts.push(0)
    }
    counts[counts.length - 1]! += 1
    nth.push(convs.length)
    ks.push(counts.at(-1)!)
  }
  const sorted = order.map(i => messages[i]!)
  const [row] = await query<{ heads: string[]; sent_at: Date }>(
    'select heads, sent_at from append_new_messages($1, $2, $3, $4, $5, $6, $7, $8)',
    [
      uuidArray(convs),
      intArray(counts),
      intArray(nth),
      intArray(ks),
      textArray(sorted.map(({ sender }) => sender)),
      textArray(sorted.map(({ to }) => to)),
      uuidArray(sorted.map(({ clientMessageId }) => clientMessageId)),
      textArray(sorted.map(({ body }) => body)),
    ],
  )
  if (row?.heads.length !== convs.length) throw new Error('append_new_messages: expected a head for each conversation')
  const heads = row.heads.map(Number)
  const sentAt = row.sent_at.toISOString()
  const placed = new Array<Placed>(messages.length)
  for (const [at, i] of order.entries()) placed[i] = { outcome: 'stored', seq: heads[nth[at]! - 1]! + ks[at]!, sentAt }
  return placed
}

/** As Postgres orders uuids: by their bytes. Ours are written in lower case. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
