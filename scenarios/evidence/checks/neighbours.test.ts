import { describe, expect, test } from 'vitest'
import { witnessesOf } from '../finding.ts'
import type { EventOf, History, HistoryEvent } from '../history.ts'
import { neighboursFirstTry, neighboursWait } from './neighbours.ts'

interface Asked {
  prompts?: number
  waitMs: number
  runs?: Partial<EventOf<'inference'>>[]
}

/** This many prompts at once, each inferred after this wait. */
function asked(from: string, atMs: number, { prompts = 20, waitMs, runs = [{}] }: Asked): HistoryEvent[] {
  return Array.from({ length: prompts }, (_, i) => {
    const about = { user: `${from}-${i}`, device: `${from}-${i}.1`, clientMessageId: `${from}-${i}` }
    const task = `task-${from}-${i}`
    const startedAtMs = atMs + waitMs + i
    const run = {
      kind: 'inference' as const,
      atMs: startedAtMs,
      task,
      attempt: 1,
      worker: 'worker-fast',
      startedAtMs,
      outcome: 'done' as const,
    }
    return [
      { kind: 'send' as const, atMs, ...about, to: 'URobot' },
      { kind: 'stored' as const, atMs: atMs + 1, ...about, conversation: about.user, seq: 1, task },
      ...runs.map(more => ({ ...run, ...more })),
    ]
  }).flat()
}
const POISON: HistoryEvent = { kind: 'marked', atMs: 1_000, task: 'poison', as: 'poison' }
const REST: EventOf<'rest'> = { kind: 'rest', atMs: 9_000, ended: 'rest', lastSeen: 'nothing left to do' }
const arm = (before: Asked, after: Asked, rest = REST): History => ({
  events: [...asked('before', 0, before), POISON, ...asked('after', 2_000, after), rest],
  sequenced: true,
  robot: 'URobot',
  workers: [],
  attemptsMax: 3,
})

describe('neighbours-wait', () => {
  const check = neighboursWait(1.5)
  test.each<[string, Asked, Asked, string]>([
    ['as long as before', { waitMs: 500 }, { waitMs: 500 }, 'pass'],
    ['twice as long', { waitMs: 500 }, { waitMs: 1_000 }, 'fail'],
    ['never begun', { waitMs: 500 }, { waitMs: 0, runs: [] }, 'fail'],
    ['never begun, and the arm was over soon', { waitMs: 6_000 }, { waitMs: 0, runs: [] }, 'unknown'],
    ['too few before', { prompts: 9, waitMs: 500 }, { waitMs: 1_000 }, 'unknown'],
    ['too few of those before were ever begun', { waitMs: 500, runs: [] }, { waitMs: 500 }, 'unknown'],
    ['too few after', { waitMs: 500 }, { prompts: 9, waitMs: 1_000 }, 'unknown'],
  ])('%s', (_, before, after, verdict) => expect(check.judge(arm(before, after)).verdict).toBe(verdict))

  test('says both figures and shows who waited longest', () => {
    const finding = check.judge(arm({ waitMs: 500 }, { waitMs: 1_000 }))
    expect(finding.breaches[0]).toMatchObject({ code: 'neighbours-waited', values: { afterMs: 1_018, beforeMs: 518 } })
    expect(witnessesOf(finding)).toHaveLength(2)
  })

  test('without rest, or without a poison, it cannot tell', () => {
    const restless = { ...REST, ended: 'deadline' as const }
    expect(check.judge(arm({ waitMs: 500 }, { waitMs: 1_000 }, restless)).verdict).toBe('unknown')
    const history = arm({ waitMs: 500 }, { waitMs: 1_000 })
    expect(check.judge({ ...history, events: history.events.filter(event => event !== POISON) }).verdict).toBe('unknown')
  })
})

describe('neighbours-first-try', () => {
  test.each<[string, Partial<EventOf<'inference'>>[], string]>([
    ['one inference each', [{}], 'pass'],
    ['a second one', [{ outcome: 'failed' }, { attempt: 2 }], 'fail'],
    ['one that failed', [{ outcome: 'failed' }], 'fail'],
    ['none begun', [], 'unknown'],
  ])('%s', (_, runs, verdict) => expect(neighboursFirstTry.judge(arm({ waitMs: 1 }, { waitMs: 1, runs })).verdict).toBe(verdict))

  test('inferences of prompts before it do not count', () => {
    expect(neighboursFirstTry.judge(arm({ waitMs: 1, runs: [{}, { attempt: 2 }] }, { waitMs: 1 })).verdict).toBe('pass')
  })
})
