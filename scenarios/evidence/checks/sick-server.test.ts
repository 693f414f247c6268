import { expect, test } from 'vitest'
import type { History, HistoryEvent } from '../history.ts'
import { chargedAtMost, comesBack, sickIsLeftAlone } from './sick-server.ts'

const REST: HistoryEvent = { kind: 'rest', atMs: 9_999, ended: 'rest', lastSeen: '' }
const history = (...events: HistoryEvent[]): History => ({
  events: [...events, REST],
  sequenced: true,
  robot: 'URobot',
  workers: [],
  attemptsMax: 3,
})
const faults = (atMs: number, switches: Record<string, number>): HistoryEvent => ({
  kind: 'fault',
  atMs,
  part: 'gpu-fast',
  action: 'faults',
  switches,
  proof: 'read back',
})
const run = (task: string, atMs: number, gpu = 'gpu-fast', outcome: 'done' | 'failed' = 'failed'): HistoryEvent => {
  return { kind: 'inference', atMs, task, attempt: 1, worker: 'w', gpu, outcome }
}
const row = (task: string, attempts: number, refunded = 0): HistoryEvent => {
  return { kind: 'task-row', atMs: 9_000, task, conversation: task, seq: 1, asker: 'u', state: 'answered', attempts, refunded }
}
const others = (count: number) => Array.from({ length: count }, (_, i) => run(`other-${i}`, 150, 'gpu-slow', 'done'))
const sick = (...events: HistoryEvent[]) => history(faults(100, { status: 500 }), ...events, faults(1_000, {}))

test.each<[string, History, string]>([
  ['one of eight meets it', sick(run('a', 110), ...others(7)), 'pass'],
  ['the same one thrice', sick(run('a', 110), run('a', 120), run('a', 130), ...others(3)), 'pass'],
  ['two of five', sick(run('a', 110), run('b', 120), ...others(3)), 'fail'],
  ['probes are not prompts', sick(run('a', 110), run('', 120), run('', 130), ...others(3)), 'pass'],
  [
    'what it did before and after it was sick',
    history(run('x', 10), faults(100, { status: 500 }), run('a', 110), ...others(3), faults(200, {}), run('y', 300)),
    'pass',
  ],
  ['nobody asked it', sick(...others(3)), 'unknown'],
  ['never sick', history(...others(3)), 'unknown'],
])('sick-is-left-alone: %s', (_what, given, verdict) => expect(sickIsLeftAlone(25).judge(given).verdict).toBe(verdict))

test.each<[string, History, string]>([
  ['refunded', sick(run('a', 110), row('a', 3, 2)), 'pass'],
  ['charged twice', sick(run('a', 110), row('a', 2)), 'pass'],
  ['charged three times', sick(run('a', 110), row('a', 3)), 'fail'],
  ['a prompt that never met it', sick(run('a', 110), row('a', 1), row('b', 3)), 'pass'],
])('charged-at-most: %s', (_what, given, verdict) => expect(chargedAtMost(2).judge(given).verdict).toBe(verdict))

test.each<[string, History, string]>([
  ['it answers again', history(faults(100, { status: 500 }), faults(1_000, {}), run('b', 1_100, 'gpu-fast', 'done')), 'pass'],
  ['it was only probed', history(faults(100, { status: 500 }), faults(1_000, {}), run('', 1_100, 'gpu-fast', 'done')), 'fail'],
  ['it fails on', history(faults(100, { status: 500 }), faults(1_000, {}), run('b', 1_100)), 'fail'],
  [
    'another fault takes the place of the first',
    history(faults(100, { status: 500 }), faults(500, { status: 503 }), faults(1_000, {}), run('b', 1_100, 'gpu-fast', 'done')),
    'pass',
  ],
  ['it goes from one fault to another', history(faults(100, { status: 500 }), faults(500, { status: 503 }), run('a', 600)), 'unknown'],
  ['it never healed', history(faults(100, { status: 500 }), run('a', 110)), 'unknown'],
])('comes-back: %s', (_what, given, verdict) => expect(comesBack.judge(given).verdict).toBe(verdict))
