import type { Cursors, MessageFrame } from '#contracts/frames'
import { PAGE_MESSAGES } from '#contracts/limits'
import type { Settings } from '#contracts/settings'
import type { Task } from '#contracts/tasks'
import { type Appended, type AppendLimits, append } from './chat-append.ts'
import { Database } from './database.ts'
import type { Log } from './log.ts'
import type { NewMessage } from './new-message.ts'
import { type TaskStore, taskStore } from './task-store.ts'

export interface Newer {
  messages: MessageFrame[]
  /** Conversations of which more is stored than `messages` holds. */
  gaps: { conversation: string; afterSeq: number; headSeq: number }[]
  heads: Cursors
}

/** What an IM node does with the database. */
export type OpenTask = {
  task: string
  conversation: string
  asker: string
  capability: string
  /** It is in the queue; else it runs, and may come back. */
  waits: boolean
  ahead: number
}

export interface ChatStore extends TaskStore {
  /** Commits a batch. A known message answers with its place. No sender's id may stand twice. */
  append(batch: readonly NewMessage[], limits: AppendLimits): Promise<Appended[]>
  /** One page newer than the cursors, of all the user's conversations or `only`, in seq order. */
  newer(user: string, cursors: Cursors, only: string | undefined): Promise<Newer>
  /** Messages of one conversation, oldest first, if the user is a member of it. */
  history(user: string, conversation: string, after: number, limit: number): Promise<{ headSeq: number; messages: MessageFrame[] }>
  /** Head of every conversation of these users. */
  heads(users: readonly string[]): Promise<{ user: string; conversation: string; head: number }[]>
  markPublished(tasks: readonly string[]): Promise<void>
  /** Tasks whose publish is owed; each is given to one caller only until `ageMs` later. */
  claimUnpublished(ageMs: number, most: number): Promise<Task[]>
  /** `conversationInOrder`: tasks due now that these ended; each goes to one caller only. */
  claimNext(ended: readonly string[]): Promise<Task[]>
  cancel(task: string, user: string): Promise<'cancelled' | 'again' | 'settled' | 'unknown'>
  /** These users' open tasks, each with the queued tasks of its capability ahead of it. */
  waiting(users: readonly string[]): Promise<OpenTask[]>
}

interface MessageRow extends Record<string, unknown> {
  conversation: string
  seq: number
  sender: string
  recipient: string
  client_message_id: string
  body: string
  sent_at: Date
  task: string | null
  answered: boolean | null
}
const MESSAGE_COLUMNS = 'm.conversation, m.seq, m.sender, m.recipient, m.client_message_id, m.body, m.sent_at, m.task, m.answered'

function frame(row: MessageRow): MessageFrame {
  return {
    type: 'message',
    conversation: row.conversation,
    seq: row.seq,
    sender: row.sender,
    to: row.recipient,
    body: row.body,
    clientMessageId: row.client_message_id,
    sentAt: row.sent_at.toISOString(),
    ...(row.task === null ? {} : { task: row.task }),
    ...(row.answered === null ? {} : { answered: row.answered }),
  }
}

type TaskRow = MessageRow & { id: string; asker: string; robot: string; capability: string }

function owedTask(row: TaskRow): Task {
  return {
    v: 1,
    id: row.id,
    capability: row.capability,
    message: {
      conversation: row.conversation,
      seq: row.seq,
      sender: row.asker,
      clientMessageId: row.client_message_id,
      sentAt: row.sent_at.toISOString(),
    },
    prompt: row.body,
    robot: row.robot,
  }
}

/** How many tasks of one user are with the workers at a time; 0 = all. */
export function tasksAtOnce({ conversationInOrder, userTasksAtOnce }: Pick<Settings, 'conversationInOrder' | 'userTasksAtOnce'>): number {
  return conversationInOrder ? 1 : userTasksAtOnce
}

export function connectChatStore(
  url: string,
  name: string,
  log: Log,
  settings: Pick<Settings, 'conversationInOrder' | 'userTasksAtOnce' | 'fanoutBatching'>,
): ChatStore {
  const database = new Database(url, name, log, 6)
  const atOnce = tasksAtOnce(settings)
  const inOrder = atOnce > 0
  const cancelTask = inOrder ? 'cancel_task_in_order' : 'cancel_task'
  // A task queues from its publish, later than its ask if held back; those come last.
  const place = inOrder ? 'claimed_at nulls last, ord' : 'ord'
  return {
    ...taskStore(database),

    append: (batch, limits) => append(database, batch, limits, { atOnce, optimistic: settings.fanoutBatching }),

    async newer(user, cursors, only) {
      const rows = await database.query<MessageRow & { head_seq: number; cursor: number }>(
        `select ${MESSAGE_COLUMNS}, c.head_seq, coalesce(k.seq, 0) as cursor
         from members b join conversations c on c.id = b.conversation
         left join unnest($2::uuid[], $3::bigint[]) as k (conversation, seq) on k.conversation = c.id
         join messages m on m.conversation = c.id and m.seq > coalesce(k.seq, 0)
         where b.user_id = $1 and c.head_seq > coalesce(k.seq, 0) and ($4::uuid is null or c.id = $4)
         order by m.conversation, m.seq limit ${PAGE_MESSAGES + 1}`,
        [user, Object.keys(cursors), Object.values(cursors), only ?? null],
      )
      const messages = rows.slice(0, PAGE_MESSAGES).map(frame)
      const heads = await database.query<{ conversation: string; head_seq: number }>(
        `select c.id as conversation, c.head_seq from members b join conversations c on c.id = b.conversation where b.user_id = $1 and ($2::uuid is null or c.id = $2)`,
        [user, only ?? null],
      )
      const reached = new Map<string, number>()
      for (const message of messages) reached.set(message.conversation, message.seq)
      const gaps = heads
        .map(({ conversation, head_seq }) => ({
          conversation,
          afterSeq: reached.get(conversation) ?? cursors[conversation] ?? 0,
          headSeq: head_seq,
        }))
        .filter(gap => gap.headSeq > gap.afterSeq)
      return { messages, gaps, heads: Object.fromEntries(heads.map(h => [h.conversation, h.head_seq])) }
    },

    async history(user, conversation, after, limit) {
      const [head] = await database.query<{ head_seq: number }>(
        'select c.head_seq from members b join conversations c on c.id = b.conversation where b.user_id = $1 and c.id = $2',
        [user, conversation],
      )
      if (head === undefined) return { headSeq: 0, messages: [] }
      const rows = await database.query<MessageRow>(
        `select ${MESSAGE_COLUMNS} from messages m where m.conversation = $1 and m.seq > $2 order by m.seq limit $3`,
        [conversation, after, limit],
      )
      return { headSeq: head.head_seq, messages: rows.map(frame) }
    },

    async heads(users) {
      return database.query<{ user: string; conversation: string; head: number }>(
        'select b.user_id as "user", c.id as conversation, c.head_seq as head from members b join conversations c on c.id = b.conversation where b.user_id = any ($1) and c.head_seq > 0',
        [users],
      )
    },

    async markPublished(tasks) {
      await database.query('select mark_published($1)', [tasks])
    },

    async claimUnpublished(ageMs, most) {
      const owed = inOrder
        ? database.query<TaskRow>('select * from claim_unpublished_in_order($1, $2, $3)', [ageMs, most, atOnce])
        : database.query<TaskRow>('select * from claim_unpublished($1, $2)', [ageMs, most])
      return (await owed).map(owedTask)
    },

    async claimNext(ended) {
      return (await database.query<TaskRow>('select * from claim_next_tasks($1, $2)', [ended, atOnce])).map(owedTask)
    },

    async cancel(task, user) {
      const [row] = await database.query<{ outcome: 'cancelled' | 'again' | 'settled' | 'unknown' }>(
        `select ${cancelTask}($1, $2) as outcome`,
        [task, user],
      )
      return row?.outcome ?? 'unknown'
    },

    async waiting(users) {
      return database.query<OpenTask>(
        `select * from (
           select id as task, conversation, asker, capability, state = 'queued' as waits,
             (count(*) filter (where state = 'queued') over (partition by capability order by ${place}) - 1)::int as ahead
           from tasks where state in ('queued', 'running')) q where asker = any ($1)`,
        [users],
      )
    },
  }
}
