import { expect, test } from 'vitest'
import type { History, HistoryEvent } from '#evidence/history'
import { gapSteps } from './gap-steps.ts'

/** Two tasks of one worker; the second was asked at `askedMs` and delivered at `deliveredMs`. */
function history({ askedMs = 0, deliveredMs = 1_003, slots = 1, measuredMs = 0 } = {}): History {
  const asked = (task: string, atMs: number): HistoryEvent[] => [
    { kind: 'send', atMs, user: 'ann', device: 'd', to: 'URobot', clientMessageId: task },
    { kind: 'stored', atMs: atMs + 2, user: 'ann', device: 'd', clientMessageId: task, conversation: 'c', seq: 1, task },
  ]
  const did = (task: string, atMs: number, startedAtMs: number, endedAtMs: number): HistoryEvent[] => {
    const of = { task, attempt: 1, worker: 'worker-fast' }
    return [
      { kind: 'inference', atMs: startedAtMs, ...of, startedAtMs, endedAtMs, outcome: 'done' },
      {
        ...{ kind: 'steps', atMs, ...of, countedAtMs: atMs + 0.5, askedAtMs: atMs + 0.1 },
        ...{ endedAtMs: endedAtMs + 0.5, savedAtMs: endedAtMs + 1.5, confirmedAtMs: endedAtMs + 2 },
      },
    ]
  }
  return {
    sequenced: true,
    robot: 'URobot',
    workers: [{ name: 'worker-fast', prefetchTasks: 1, slots }],
    attemptsMax: 3,
    events: [
      { kind: 'measured', atMs: measuredMs },
      ...asked('a', 0),
      ...asked('b', askedMs),
      ...did('a', 5, 10, 1_000),
      ...did('b', deliveredMs, 1_004, 2_000),
    ],
  }
}

const medians = (of: History) => Object.entries(gapSteps(of)).map(([name, { p50 }]) => `${name} ${p50}`)

test('each step of a gap as an instant after the end of the inference before', () => {
  expect(medians(history())).toEqual(['gapAnswered 0.5', 'gapSaved 1.5', 'gapConfirmed 2', 'gapDelivered 3', 'gapCounted 3.5', 'gap 4'])
})

test('what was delivered before the end took nothing of the gap', () => {
  expect(medians(history({ deliveredMs: 500 })).slice(2)).toEqual(['gapConfirmed 2', 'gapDelivered 2', 'gapCounted 2', 'gap 4'])
})

test.each([
  ['nobody waited', { askedMs: 990 }],
  ['several inferences at a time', { slots: 2 }],
  ['the warm-up', { measuredMs: 1_500 }],
])('no gap: %s', (_what, given) => expect(gapSteps(history(given))).toEqual({}))
