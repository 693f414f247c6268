import { expect, test } from 'vitest'
import type { EventOf, History, HistoryEvent } from '../history.ts'
import { bounds, inferredOnce, poisonEnds, takenOver } from './attempts.ts'
import { answersInOrder } from './conversation.ts'
import { deliveredPromptly } from './promptness.ts'

const workers = ['worker-fast', 'worker-slow'].map(name => ({ name, prefetchTasks: 1, slots: 1 }))
const history = (...events: HistoryEvent[]): History => ({ events, sequenced: true, robot: 'URobot', workers, attemptsMax: 3 })
const run = (attempt: number, worker: string, outcome: 'done' | 'failed' | 'aborted', atMs: number, task = 't'): EventOf<'inference'> => ({
  kind: 'inference',
  atMs,
  task,
  attempt,
  worker,
  startedAtMs: atMs,
  endedAtMs: atMs + 10,
  outcome,
})
const NEVER_BEGUN: EventOf<'inference'> = { kind: 'inference', atMs: 40, task: 't', attempt: 2, worker: 'worker-slow', outcome: 'waiting' }
const shown = (device: string, more: Partial<EventOf<'shown'>> = {}): EventOf<'shown'> => ({
  kind: 'shown',
  atMs: 100,
  user: 'ann',
  device,
  conversation: 'c',
  seq: 2,
  sender: 'URobot',
  to: 'ann',
  clientMessageId: 'answer',
  task: 't',
  answered: false,
  ...more,
})

test('bounds: as often as allowed, and once more', () => {
  const runs = [1, 2, 3].map(n => run(n, 'worker-fast', 'failed', n * 20))
  expect(bounds(3).judge(history(...runs)).verdict).toBe('pass')
  expect(bounds(3).judge(history(...runs, run(4, 'worker-slow', 'failed', 90)))).toMatchObject({ verdict: 'fail' })
  expect(bounds(3).judge(history()).verdict).toBe('unknown')
})

const running = { startedAtMs: 20, endedAtMs: 50 }
test.each<[what: string, runs: EventOf<'inference'>[], verdict: string, spentTwiceMs?: number]>([
  ['once', [run(1, 'worker-fast', 'done', 20)], 'pass', 0],
  ['again after it failed', [run(1, 'worker-fast', 'failed', 20), run(2, 'worker-slow', 'done', 40)], 'pass', 0],
  ['again after its worker was killed', [run(1, 'worker-fast', 'aborted', 20), run(2, 'worker-slow', 'done', 30)], 'pass', 0],
  ['another task', [run(1, 'worker-fast', 'done', 20), run(1, 'worker-slow', 'done', 25, 'other')], 'pass', 0],
  ['again after it was answered', [run(1, 'worker-fast', 'done', 20), run(2, 'worker-slow', 'done', 40)], 'fail', 10],
  ['again while it runs', [{ ...run(1, 'worker-fast', 'failed', 20), ...running }, run(2, 'worker-slow', 'done', 40)], 'fail', 10],
  ['twice more', [20, 40, 60].map((atMs, i) => run(i + 1, 'worker-fast', 'done', atMs)), 'fail', 20],
  ['asked for again, and never begun', [run(1, 'worker-fast', 'done', 20), NEVER_BEGUN], 'pass', 0],
  ['nothing', [], 'unknown', 0],
])('inferred-once: %s', (_what, runs, verdict, spentTwiceMs) =>
  expect(inferredOnce.judge(history(...runs))).toMatchObject({ verdict, limits: [{ measure: 'spentTwiceMs', value: spentTwiceMs }] }),
)

test('poison-ends: three inferences, one apology a device, one dead letter', () => {
  const poison: HistoryEvent = { kind: 'marked', atMs: 0, task: 't', as: 'poison' }
  const dead: HistoryEvent = { kind: 'dead', atMs: 200, task: 't' }
  const runs = [1, 2, 3].map(n => run(n, 'worker-fast', 'failed', n * 20))
  expect(poisonEnds.judge(history(poison, ...runs, shown('a.1'), dead)).verdict).toBe('pass')
  const broken: [string, HistoryEvent[]][] = [
    ['nobody saw an end', [poison, ...runs, dead]],
    ['an answer', [poison, ...runs, shown('a.1', { answered: true }), dead]],
    ['two apologies', [poison, ...runs, shown('a.1'), shown('a.1'), dead]],
    ['no dead letter', [poison, ...runs, shown('a.1')]],
    ['two inferences', [poison, ...runs.slice(1), shown('a.1'), dead]],
  ]
  for (const [what, events] of broken) expect(poisonEnds.judge(history(...events)).verdict, what).toBe('fail')
  expect(poisonEnds.judge(history(...runs, shown('a.1'), dead)).verdict).toBe('unknown')
})

test('taken-over: by another worker, in time', () => {
  const cut = { ...run(1, 'worker-fast', 'aborted', 100), endedAtMs: 150 }
  const kill: HistoryEvent = { kind: 'fault', atMs: 170, part: 'worker-fast', action: 'kill', proof: 'gone' }
  const check = takenOver(5_000)
  expect(check.judge(history(cut, kill, run(2, 'worker-slow', 'done', 400))).verdict).toBe('pass')
  expect(check.judge(history(cut, kill)).verdict).toBe('fail')
  expect(check.judge(history(cut, kill, run(2, 'worker-fast', 'done', 400))).verdict).toBe('fail')
  expect(check.judge(history(cut, kill, run(2, 'worker-slow', 'done', 6_000))).verdict).toBe('fail')
  expect(check.judge(history(kill, run(1, 'worker-fast', 'done', 100))).verdict).toBe('unknown')
})

test('answers-in-order: within a conversation and on each device', () => {
  const ask = (seq: number, task: string): HistoryEvent => ({
    kind: 'stored',
    atMs: seq,
    user: 'ann',
    device: 'a.1',
    clientMessageId: task,
    conversation: 'c',
    seq,
    task,
  })
  const answer = (task: string, device = 'a.1') => shown(device, { task, clientMessageId: `answer ${task}`, answered: true })
  const asked = [ask(1, 'one'), ask(2, 'two')]
  expect(answersInOrder.judge(history(...asked, answer('one'), answer('two'), answer('one', 'a.2'), answer('two', 'a.2'))).verdict).toBe(
    'pass',
  )
  expect(answersInOrder.judge(history(...asked, answer('two'), answer('one'))).verdict).toBe('fail')
  expect(answersInOrder.judge(history(...asked, answer('one'), answer('two'), answer('two', 'a.2'), answer('one', 'a.2'))).verdict).toBe(
    'fail',
  )
})

test('delivered-promptly: who is online all the while, the others resume', () => {
  const online = (device: string, atMs: number): HistoryEvent => ({ kind: 'online', atMs, user: 'bob', device, node: 'im-b' })
  const send: HistoryEvent = { kind: 'send', atMs: 100, user: 'ann', device: 'a.1', to: 'bob', clientMessageId: 'm' }
  const stored: HistoryEvent = { kind: 'stored', atMs: 101, user: 'ann', device: 'a.1', clientMessageId: 'm', conversation: 'c', seq: 1 }
  const seen = (atMs: number): HistoryEvent => shown('b.1', { atMs, user: 'bob', sender: 'ann', to: 'bob', clientMessageId: 'm', seq: 1 })
  const check = deliveredPromptly(500)
  expect(check.judge(history(online('b.1', 0), send, stored, seen(200))).verdict).toBe('pass')
  expect(check.judge(history(online('b.1', 0), send, stored, seen(700))).verdict).toBe('fail')
  expect(check.judge(history(online('b.1', 0), send, stored)).verdict).toBe('fail')
  expect(check.judge(history(online('b.1', 0), send, stored, { kind: 'offline', atMs: 300, user: 'bob', device: 'b.1' })).verdict).toBe(
    'unknown',
  )
  expect(check.judge(history(send, stored, online('b.1', 150))).verdict).toBe('unknown')
})
