import { expect, test } from 'vitest'
import { countedMeasures } from './counted.ts'
import { type History, HistoryEvent } from './history.ts'
import { tooNoisy } from './noise.ts'
import { promptsOf } from './schedule.ts'

const history = (...events: HistoryEvent[]): History => ({ events, sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 })
const send = (i: number, lateMs: number): HistoryEvent => {
  const from = { user: 'ann', device: 'ann.1', to: 'URobot', clientMessageId: `m${i}` }
  return { kind: 'send', atMs: 10 * i + lateMs, ...from, dueMs: 10 * i }
}

test('raw duplicates and gaps are summed over devices; an older history has none, not 0', () => {
  const counted = (device: string, rawDuplicates: number, gapsAsked: number): HistoryEvent =>
    HistoryEvent.parse({ kind: 'counted', atMs: 1, user: 'ann', device, rawDuplicates, gapsAsked, reconnects: 0 })
  expect(countedMeasures(history(counted('ann.1', 2, 0), counted('ann.2', 3, 1)))).toEqual({ rawDuplicates: 5, gapsAsked: 1 })
  expect(countedMeasures(history())).toEqual({})
})

test('a wait runs from when the prompt was meant to be sent, not from when a late script sent it', () => {
  const from = { user: 'ann', device: 'ann.1', clientMessageId: 'm1' }
  const prompts = promptsOf(
    history(
      send(1, 40),
      { kind: 'stored', atMs: 52, ...from, conversation: 'c', seq: 1, task: 't' },
      { kind: 'inference', atMs: 60, task: 't', attempt: 1, worker: 'w', startedAtMs: 60, endedAtMs: 80, outcome: 'done' },
    ),
  )
  expect(prompts.map(({ askedMs, startedMs }) => startedMs - askedMs)).toEqual([50])
})

test('times of an arm whose script sent late say nothing; one late prompt of a hundred is harmless', () => {
  const sends = (late: number, of: number) => Array.from({ length: of }, (_, i) => send(i, i < late ? 300 : 2))
  expect(tooNoisy(history(...sends(1, 100)))).toBeUndefined()
  expect(tooNoisy(history(...sends(2, 100)))).toMatchObject({ code: 'sent-late', values: { sentLateP99Ms: 300 } })
  expect(countedMeasures(history(...sends(0, 100)))).toMatchObject({ sentLateP99Ms: 2 })
})

test('late sends of the warm-up do not spoil the measured times', () => {
  const probe = Array.from({ length: 100 }, (_, i) => send(i, 300))
  const measured = { kind: 'measured' as const, atMs: 10_000 }
  const later = Array.from({ length: 1_000 }, (_, i) => ({ ...send(100 + i, 2), atMs: 10_002 + i, dueMs: 10_000 + i }))
  expect(tooNoisy(history(...probe, ...later))).toMatchObject({ code: 'sent-late', values: { sentLateP99Ms: 300 } })
  expect(tooNoisy(history(...probe, measured, ...later))).toBeUndefined()
  expect(countedMeasures(history(...probe, measured, ...later))).toMatchObject({ sentLateP99Ms: 2 })
})
