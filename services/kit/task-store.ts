import type { MessageFrame } from '#contracts/frames'
import { answerId } from '#contracts/ids'
import type { Task, TaskFailure } from '#contracts/tasks'
import { Database } from './database.ts'
import type { Log } from './log.ts'

export type Attempt =
  /** `attempt` numbers inferences; `counted` of them use up the allowance. */
  | { state: 'go'; attempt: number; counted: number }
  /** The allowance is used up; the last attempt never ended (a crash). */
  | { state: 'exhausted' }
  /** Answered or failed before: this is a redelivery. */
  | { state: 'settled' }
  | { state: 'cancelled' }
  /** No such row: design `article`. */
  | { state: 'absent' }

/** What a worker may do with the database: count attempts, give back, save the answer. */
export interface TaskStore extends AsyncDisposable {
  /** What `/readyz` names of it; empty when it can be used. */
  missing(): Promise<string[]>
  /** Counts the attempt before the inference, under the row's lock. `attemptsMax` 0 = unlimited. */
  beginAttempt(task: string, worker: string, attemptsMax: number): Promise<Attempt>
  /** running -> queued, if this attempt is still the latest. @param refund it does not count. */
  giveBack(task: string, attempt: number, refund: boolean): Promise<void>
  /** One attempt of each does not count after all. */
  refund(tasks: readonly string[]): Promise<void>
  /** Saves the answer, or with `failure` the apology. Idempotent: a second call returns the row,
   *  `first` false. null = cancelled, nothing saved. */
  saveAnswer(answer: {
    task: Task
    body: string
    failure: TaskFailure | undefined
  }): Promise<{ message: MessageFrame; first: boolean } | null>
}

export function connectTaskStore(url: string, name: string, log: Log): TaskStore {
  return taskStore(new Database(url, name, log, 4))
}

export function taskStore(database: Database): TaskStore {
  return {
    missing: () => database.missing(),
    async beginAttempt(task, worker, attemptsMax) {
      const [row] = await database.query<{ outcome: Attempt['state']; attempt: number; counted: number }>(
        'select * from begin_attempt($1, $2, $3)',
        [task, worker, attemptsMax],
      )
      if (row === undefined) throw new Error('begin_attempt returned no row')
      return row.outcome === 'go' ? { state: 'go', attempt: row.attempt, counted: row.counted } : { state: row.outcome }
    },
    async giveBack(task, attempt, refund) {
      await database.query('select give_back($1, $2, $3)', [task, attempt, refund])
    },
    async refund(tasks) {
      await database.query('select refund_attempts($1)', [tasks])
    },
    async saveAnswer({ task, body, failure }) {
      const { conversation, sender } = task.message
      const id = answerId(task.id)
      const [row] = await database.query<{ seq: number; sent_at: Date; body: string; answered: boolean; first: boolean }>(
        'select * from save_answer($1, $2, $3, $4, $5, $6, $7)',
        [task.id, conversation, task.robot, sender, id, body, failure ?? null],
      )
      if (row === undefined) return null
      const message: MessageFrame = {
        type: 'message',
        conversation,
        seq: row.seq,
        sender: task.robot,
        to: sender,
        body: row.body,
        clientMessageId: id,
        sentAt: row.sent_at.toISOString(),
        task: task.id,
        answered: row.answered,
      }
      return { message, first: row.first }
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
