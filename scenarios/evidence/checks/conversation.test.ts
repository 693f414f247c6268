import { describe, expect, test } from 'vitest'
import { witnessesOf } from '../finding.ts'
import type { History, HistoryEvent } from '../history.ts'
import { othersGoOn } from './conversation.ts'

const FAST_MS = 20
const SLOW_MS = 70
const workers = ['worker-fast', 'worker-slow'].map(name => ({ name, prefetchTasks: 1, slots: 1 }))

/** Six conversations of five questions, asked before anything runs; `takes` picks the next. */
function history(takes: (queue: readonly Question[], running: readonly string[]) => Question | undefined): History {
  const queue = Array.from(
    { length: 30 },
    (_, i): Question => ({ conversation: `c${Math.floor(i / 5)}`, seq: 2 * (i % 5) + 1, task: `t${i}` }),
  )
  const events: HistoryEvent[] = queue.map(({ conversation, seq, task }) => {
    return { kind: 'stored', atMs: 0, user: conversation, device: `${conversation}.1`, clientMessageId: task, conversation, seq, task }
  })
  const slots = [
    { worker: 'worker-fast', serviceMs: FAST_MS, endsMs: 1, conversation: '' },
    { worker: 'worker-slow', serviceMs: SLOW_MS, endsMs: 1, conversation: '' },
  ]
  for (let nowMs = 1; queue.length > 0; nowMs++) {
    for (const slot of slots) {
      if (slot.endsMs > nowMs) continue
      const task = takes(
        queue,
        slots.filter(other => other.endsMs > nowMs).map(other => other.conversation),
      )
      if (task === undefined) continue
      queue.splice(queue.indexOf(task), 1)
      slot.endsMs = nowMs + slot.serviceMs
      slot.conversation = task.conversation
      const times = { atMs: nowMs, startedAtMs: nowMs, endedAtMs: slot.endsMs }
      events.push({ kind: 'inference', task: task.task, attempt: 1, worker: slot.worker, outcome: 'done', ...times })
    }
  }
  return { events, sequenced: true, robot: 'URobot', workers, attemptsMax: 3 }
}
interface Question {
  conversation: string
  seq: number
  task: string
}

describe('others-go-on', () => {
  test('the oldest question whose turn it is: passes', () => {
    const judged = othersGoOn.judge(history((queue, running) => queue.find(task => !running.includes(task.conversation))))
    expect(judged.verdict, JSON.stringify(judged.breaches)).toBe('pass')
  })

  test('a worker that may not begin the oldest waits before it, with all behind it: fails with both questions', () => {
    const judged = othersGoOn.judge(history(([oldest], running) => (running.includes(oldest?.conversation ?? '') ? undefined : oldest)))
    expect(judged.verdict, JSON.stringify(judged.breaches)).toBe('fail')
    expect(witnessesOf(judged).length).toBeGreaterThan(1)
  })

  test('nothing is held back: nothing to judge', () => {
    expect(othersGoOn.judge({ ...history(queue => queue[0]), events: [] }).verdict).toBe('unknown')
  })

  test('a few times say nothing', () => {
    const all = history(([oldest], running) => (running.includes(oldest?.conversation ?? '') ? undefined : oldest))
    const few = new Set(['c0', 'c1'])
    const events = all.events.filter(e => (e.kind === 'stored' ? few.has(e.conversation) : true))
    expect(othersGoOn.judge({ ...all, events }).why).toEqual({ code: 'too-few', values: { least: 8 } })
  })
})
