import { expect, test } from 'vitest'
import type { History, HistoryEvent } from '#evidence/history'
import { predictSchedule } from '#predictor'
import { modelled } from './modelled.ts'

const WORKERS = ['worker-fast', 'worker-slow'].map(name => ({ name, prefetchTasks: 1, slots: 1 }))

/** Prompts every 80 ms on GPUs of 90 and 250 ms, as a broker with this gap would have them done. */
function recorded(gapMs: number, count = 200): History {
  const tasks = Array.from({ length: count }, (_, i) => ({ id: `t${i}`, publishedMs: 80 * i + 11 * (i % 7), serviceMs: [90, 250] }))
  const placed = predictSchedule(tasks, WORKERS, { gapMs })
  const events = tasks.flatMap(({ id: task, publishedMs: atMs, serviceMs }, i): HistoryEvent[] => {
    const { worker, startedMs, endedMs } = placed[i]!
    const sent = { user: 'ann', device: 'ann.1', clientMessageId: task }
    return [
      { kind: 'send', atMs, dueMs: atMs, to: 'robot', ...sent },
      { kind: 'stored', atMs, conversation: 'c', seq: i + 1, task, ...sent },
      { kind: 'task-row', atMs: 1e6, task, ord: i, conversation: 'c', seq: i + 1, asker: 'ann', state: 'answered', attempts: 1 },
      {
        kind: 'inference',
        atMs: startedMs,
        startedAtMs: startedMs,
        endedAtMs: endedMs,
        task,
        attempt: 1,
        worker,
        gpu: 'g',
        outcome: 'done',
      },
      { kind: 'work', atMs: 1e6, task, serviceMs },
    ]
  })
  return { sequenced: true, robot: 'robot', attemptsMax: 3, workers: WORKERS, events: [{ kind: 'measured', atMs: -1 }, ...events] }
}

test('the model has the same arrivals, times and gap, so that it says what was seen', () => {
  const model = modelled(recorded(12), 1)!
  expect(model.prompts).toBe(200)
  expect(model.gapMs).toBeCloseTo(12, 0)
  expect(model.measuredWaitP95Ms).toBeGreaterThan(model.idealWaitP95Ms)
  expect(model.predictedWaitP95Ms).toBeCloseTo(model.measuredWaitP95Ms, 0)
  expect(model.predictedLowMs).toBeLessThan(model.measuredWaitP95Ms)
  expect(model.predictedHighMs).toBeGreaterThan(model.measuredWaitP95Ms)
  expect(model.loadWithGap!).toBeGreaterThan(0.5)
})

test('it has nothing to say of a few prompts, and of servers whose times nobody knows', () => {
  expect(modelled(recorded(12, 19), 1)).toBeUndefined()
  const { events, ...facts } = recorded(12)
  expect(modelled({ ...facts, events: events.filter(({ kind }) => kind !== 'work') }, 1)).toBeUndefined()
})
