import { expect, test } from 'vitest'
import type { History, HistoryEvent } from './history.ts'
import { endsAs, expectedOutcome, fateOf } from './matrix.ts'

const facts = { sequenced: true, robot: 'URobot', workers: [], attemptsMax: 0 }

/** A task of the user `killed`, inferred once a second. @param then what follows */
function history(inferences: number, ...then: HistoryEvent[]): History {
  const asked = {
    kind: 'stored',
    atMs: 0,
    user: 'killed',
    device: 'd',
    clientMessageId: 'm',
    conversation: 'c',
    seq: 1,
    task: 't',
  } as const
  const runs = Array.from({ length: inferences }, (_, i): HistoryEvent => {
    return { kind: 'inference', atMs: 1_000 * (i + 1), task: 't', attempt: 1, worker: `worker-${i % 2}`, outcome: 'aborted' }
  })
  return { ...facts, events: [asked, ...runs, ...then] }
}
const dead: HistoryEvent = { kind: 'dead', atMs: 9_000, task: 't' }
const rest = (ended: 'rest' | 'cut-short'): HistoryEvent => ({ kind: 'rest', atMs: 9_000, ended, lastSeen: '' })
const kill = (atMs: number, part: string, proof?: string): HistoryEvent => {
  return { kind: 'fault', atMs, part, action: 'kill', ...(proof === undefined ? {} : { proof }) }
}

test('a nack counts up to 4.2 and never from 4.3 on, delayed or not; a classic queue counts nothing', () => {
  expect(expectedOutcome('4.0', 'quorum', 'nack')).toBe('dead-lettered')
  for (const queueType of ['quorum', 'quorum, delayed retry'] as const) {
    expect(expectedOutcome('4.3', queueType, 'nack')).toBe('endless')
    expect(expectedOutcome('4.3', queueType, 'reject')).toBe('dead-lettered')
  }
  expect(expectedOutcome('4.3', 'classic', 'killed')).toBe('endless')
})

test('the fate of a task: its outcome, how often and how fast it came back, and in which inference each worker was killed', () => {
  const seen = fateOf(history(3, kill(1_500, 'worker-0', 'gone'), kill(2_100, 'worker-1'), kill(2_200, 'worker-9'), dead), 'killed')
  expect(seen).toEqual({
    outcome: 'dead-lettered',
    redeliveries: 2,
    deadLettered: 1,
    perSecond: 1,
    kills: [
      { worker: 'worker-0', attempt: 1, gone: true },
      { worker: 'worker-1', attempt: 2, gone: false },
    ],
  })
  expect(fateOf(history(3), 'killed')).toMatchObject({ outcome: 'endless', redeliveries: 2 })
  expect(fateOf(history(0), 'killed')).toMatchObject({ redeliveries: 0, perSecond: 0 })
  expect(fateOf(history(3, dead), 'nack')).toBeUndefined()
})

test('another end than the documented one fails, of an arm that came to rest; where nothing was asked nothing is known', () => {
  const verdict = (documented: 'dead-lettered' | 'endless', ...then: HistoryEvent[]) =>
    endsAs('killed', documented).judge(history(6, rest('rest'), ...then)).verdict
  expect([verdict('dead-lettered', dead), verdict('endless')]).toEqual(['pass', 'pass'])
  expect([verdict('dead-lettered'), verdict('endless', dead)]).toEqual(['fail', 'fail'])
  expect(verdict('endless', dead, rest('cut-short'))).toBe('unknown')
  expect(endsAs('nack', 'endless').judge(history(6, rest('rest'))).verdict).toBe('unknown')
  expect(endsAs('killed', 'endless').judge(history(6, rest('rest'), dead)).breaches).toMatchObject([
    { code: 'other-outcome', values: { outcome: 'dead-lettered', redeliveries: 5, documented: 'endless' } },
  ])
})
