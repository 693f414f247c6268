import { type BrokerModel, type ModelTask, type ModelWorker, predictSchedule } from '#predictor'
import type { History, HistoryEvent } from '../history.ts'

/** The history of exactly what the model says, for tests of judges and charts. */
export function modelHistory(tasks: readonly ModelTask[], workers: readonly ModelWorker[], broker: BrokerModel = {}): History {
  const events: HistoryEvent[] = [{ kind: 'measured', atMs: -1 }]
  for (const [index, placement] of predictSchedule(tasks, workers, broker).entries()) {
    const { task, worker, publishedMs: atMs, deliveredMs, startedMs: startedAtMs, endedMs: endedAtMs } = placement
    const about = { user: `user-${index}`, device: `user-${index}.1`, clientMessageId: `question-${index}` }
    const conversation = `conversation-${index}`
    events.push({ kind: 'online', atMs: -2, user: about.user, device: about.device, node: 'im-a' })
    events.push({ kind: 'send', atMs, ...about, to: 'URobot' })
    events.push({ kind: 'stored', atMs, ...about, conversation, seq: 1, task })
    const heldMs = startedAtMs - deliveredMs
    events.push({ kind: 'inference', atMs: startedAtMs, task, attempt: 1, worker, heldMs, startedAtMs, endedAtMs, outcome: 'done' })
    const answer = { conversation, seq: 2, sender: 'URobot', to: about.user, clientMessageId: `answer-${index}`, task, answered: true }
    events.push({ kind: 'shown', atMs: endedAtMs, user: about.user, device: about.device, ...answer })
    events.push({ kind: 'task-row', atMs: 1e9, task, ord: index, conversation, seq: 1, asker: about.user, state: 'answered', attempts: 1 })
  }
  events.push({ kind: 'rest', atMs: 1e9, ended: 'rest', lastSeen: 'nothing left to do' })
  events.sort((a, b) => a.atMs - b.atMs)
  const facts = workers.map(({ name, prefetchTasks, slots = 1, batching, priority, backlogMin }, index) => ({
    name,
    prefetchTasks,
    slots,
    ...(batching === undefined ? {} : { batching: [...batching] }),
    ...(priority === undefined ? {} : { priority }),
    ...(backlogMin === undefined ? {} : { backlogMin }),
    serviceMs: tasks[0]?.serviceMs[index] ?? 0,
  }))
  return { events, sequenced: true, robot: 'URobot', workers: facts, attemptsMax: 3 }
}
