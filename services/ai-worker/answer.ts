import type { Settings } from '#contracts/settings'
import type { Task, TaskFailure } from '#contracts/tasks'
import { StoreUnavailable } from '../kit/database.ts'
import { pause } from '../kit/deadline.ts'
import type { FanOut } from '../kit/fan-out.ts'
import type { Log } from '../kit/log.ts'
import type { TaskStore } from '../kit/task-store.ts'

const RETRY_MS = 500

export interface DeliverAnswer {
  task: Task
  body: string
  /** Of an apology. */
  failure: TaskFailure | undefined
  worker: string
  settings: Settings
  store: TaskStore
  fanOut: FanOut
  log: Log
  /** The answer is committed; what follows is its publish. */
  saved(): void
  /** The worker stops now: the task's next worker goes on from what is saved. */
  over(): boolean
}

/** Saves the answer, publishes it and waits for the confirm. It waits for an absent database or
 *  broker, since the answer cost GPU time. `interrupted`: do not acknowledge. */
export async function deliverAnswer(a: DeliverAnswer): Promise<'delivered' | 'gone' | 'interrupted'> {
  const saved = await untilDone(a, 'answer not saved', () => a.store.saveAnswer(a))
  if (saved === 'interrupted') return 'interrupted'
  if (saved === null) return 'gone'
  a.saved()
  // In the design `article` nothing is numbered.
  const frame = a.settings.chatStored ? saved.message : { ...saved.message, seq: 0 }
  const published = await untilDone(a, 'answer not published', async () => {
    const outcome = await a.fanOut.publish([{ to: [saved.message.to], frame }])
    // 'unknown' is tried again as well: a client that sees the answer twice shows it once.
    if (outcome !== 'confirmed') throw new StoreUnavailable(outcome)
    return true
  })
  return published === 'interrupted' ? 'interrupted' : 'delivered'
}

async function untilDone<T>(
  { task, settings, log, over }: DeliverAnswer,
  what: string,
  work: () => Promise<T>,
): Promise<T | 'interrupted'> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      // The article's way: a save that throws gives the task back, and the model runs again.
      if (!(error instanceof StoreUnavailable) || settings.failureHandling === 'article') throw error
      if (tries === 1 || tries % 20 === 0) log.warn({ task: task.id, tries, reason: error.message }, what)
      if (over()) return 'interrupted'
      await pause(RETRY_MS)
    }
  }
}
