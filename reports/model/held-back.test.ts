import { expect, test } from 'vitest'
import type { History, HistoryEvent } from '#evidence/history'
import { askedOf } from './asked.ts'
import { splitsOf } from './split.ts'

const setting = (seen: string): HistoryEvent => ({
  kind: 'setting',
  atMs: 0,
  part: 'im-a',
  setting: 'conversationInOrder',
  expected: seen,
  seen,
})
/** A question asked then, inferred in the span; without one it ends in an apology. */
function question(conversation: string, seq: number, askedMs: number, span: [from: number, to: number] | 'apology'): HistoryEvent[] {
  const [task, user] = [`${conversation}-${seq}`, `of ${conversation}`]
  const about = { user, device: `${user}.1`, clientMessageId: task }
  const [startedAtMs, endedAtMs] = span === 'apology' ? [0, 0] : span
  const answer = { conversation, seq: seq + 100, sender: 'URobot', to: user, clientMessageId: `re ${task}`, task }
  return [
    { kind: 'send', atMs: askedMs, ...about, to: 'URobot' },
    { kind: 'stored', atMs: askedMs, ...about, conversation, seq, task },
    ...(span === 'apology'
      ? [{ kind: 'shown' as const, atMs: 50, user, device: about.device, ...answer, answered: false }]
      : [
          {
            kind: 'inference' as const,
            atMs: startedAtMs,
            task,
            attempt: 1,
            worker: 'w',
            startedAtMs,
            endedAtMs,
            outcome: 'done' as const,
          },
        ]),
  ]
}
const history = (seen: string, ...events: HistoryEvent[][]): History => {
  return { sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3, events: [setting(seen), ...events.flat()] }
}
const QUESTIONS = [
  question('a', 1, 1, [5, 45]),
  question('a', 3, 2, [48, 88]),
  question('a', 5, 3, [90, 99]),
  question('b', 1, 4, [46, 47]),
] as const
const heldBackMs = (of: History) =>
  askedOf(of, { fromMs: 0, toMs: 100 }).map(({ task, askedMs, heldBackUntilMs = askedMs }) => [task, heldBackUntilMs - askedMs])

test('held back until the earlier ones of the conversation have ended, and not a moment in the broker meanwhile', () => {
  const inOrder = history('true', ...QUESTIONS)
  expect(heldBackMs(inOrder)).toEqual([
    ['a-1', 0],
    ['a-3', 43],
    ['a-5', 85],
    ['b-1', 0],
  ])
  expect(splitsOf(askedOf(inOrder, { fromMs: 0, toMs: 100 }))!.all).toEqual({ heldBack: 32, broker: 12.75, buffer: 0, server: 0 })
})

test('a question that ended in an apology frees the next', () => {
  expect(heldBackMs(history('true', question('a', 1, 1, 'apology'), question('a', 2, 2, [60, 70])))).toContainEqual(['a-2', 48])
})

test('without the setting every task goes to the broker at once', () => {
  expect(heldBackMs(history('false', ...QUESTIONS)).every(([, ms]) => ms === 0)).toBe(true)
})
