import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FAILURES, type Failure, type FailureCode, kindOf } from './failures.ts'
import { type Follows, FREED_TIMES_MAX, type Happened, next, pauseMs, SERVING, type ServiceState, SUSPECTS_MAX } from './service-state.ts'

const failure = (code: FailureCode, more: Partial<Failure> = {}): Failure => ({ code, detail: '', ...more })
const DEAD = failure('unreachable')

/** Walks the machine; @returns what followed last. */
function walk(...events: Happened[]): Follows {
  let follows: Follows = { state: SERVING, refund: [] }
  for (const happened of events) follows = next(follows.state, happened)
  return follows
}
const failed = (task: string, code: FailureCode, probe?: 'answers' | Failure): Happened => ({
  what: 'failed',
  task,
  failure: failure(code),
  ...(probe === undefined ? {} : { probe }),
})
const answered: Happened = { what: 'answered' }
const probed = (probe: 'answers' | Failure): Happened => ({ what: 'probed', probe })

const TASK = {
  free: 'requeued, not counted',
  counted: 'requeued, counted',
  end: 'ends; the asker reads why',
  drop: 'ends',
} as const
const WORKER = { serving: 'continues', away: 'pauses', trial: 'tries one task' } as const

/** The table of README.md, from the machine itself. */
function table(): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  const rows = (Object.keys(FAILURES) as FailureCode[]).flatMap(code => {
    const { fault, proven, seen } = kindOf(failure(code))
    const probes = fault === 'task' && proven !== true ? (['answers', DEAD] as const) : [undefined]
    return probes.map(probe => {
      const follows = walk(failed('t', code, probe))
      const asked = probe === undefined ? '' : probe === 'answers' ? 'it answers' : 'it fails'
      return row([`\`${code}\``, seen, asked, TASK[follows.task ?? 'drop'], WORKER[follows.state.mode]])
    })
  })
  return [row(['code', 'what happened', 'one token', 'task', 'worker']), '|---|---|---|---|---|', ...rows].join('\n')
}

test('README.md shows what the machine does', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')
  expect(readme).toContain(table())
})

describe('one failure', () => {
  test.each<[FailureCode, 'answers' | Failure | undefined, Follows['task'], ServiceState['mode']]>([
    ['stopped', undefined, 'free', 'serving'],
    ['cancelled', undefined, 'drop', 'serving'],
    ['busy', undefined, 'free', 'away'],
    ['unreachable', undefined, 'free', 'away'],
    ['no-access', undefined, 'free', 'away'],
    ['model-missing', undefined, 'free', 'away'],
    ['wrong-settings', undefined, 'free', 'away'],
    ['not-a-model-server', undefined, 'free', 'away'],
    ['error', 'answers', 'counted', 'away'],
    ['error', DEAD, 'free', 'away'],
    ['silent', 'answers', 'counted', 'away'],
    ['silent', failure('silent'), 'free', 'away'],
    ['too-slow', failure('busy'), 'free', 'away'],
    ['too-long', 'answers', 'end', 'serving'],
    ['too-long', failure('too-long'), 'free', 'away'],
    ['refused', 'answers', 'end', 'serving'],
    ['refused', failure('refused'), 'free', 'away'],
    ['only-thinking', undefined, 'end', 'serving'],
    ['empty', 'answers', 'counted', 'away'],
    ['empty', DEAD, 'free', 'away'],
  ])('%s, a probe says %j: the task %s, the worker %s', (code, probe, task, mode) => {
    const follows = walk(failed('t', code, probe))
    expect([follows.task, follows.state.mode, follows.refund]).toEqual([task, mode, []])
  })
})

describe('several in a row', () => {
  /** Each task after the pause that the one before it caused. */
  const inTurn = (...tasks: string[]) => tasks.flatMap(task => [failed(task, 'error', 'answers'), probed('answers')])

  test('different tasks fail and the server answers probes: it is the server, and earlier attempts come back', () => {
    expect(walk(...inTurn('a'), failed('b', 'error', 'answers'))).toMatchObject({ task: 'counted', refund: [] })
    const follows = walk(...inTurn('a', 'b'), failed('c', 'error', 'answers'))
    expect(follows).toMatchObject({ task: 'free', state: { mode: 'away', pauses: 3 }, refund: ['a', 'b'] })
    expect(SUSPECTS_MAX).toBe(3)
    expect(walk(...inTurn('a', 'b', 'c'), failed('d', 'error', 'answers'))).toMatchObject({ task: 'free', refund: [] })
  })

  test('one poison counts each time, so that it ends; an answer in between clears the suspicion', () => {
    const thrice = walk(...inTurn('poison', 'poison'), failed('poison', 'error', 'answers'))
    expect(thrice).toMatchObject({ task: 'counted', refund: [], state: { mode: 'away', pauses: 1 } })
    expect(walk(...inTurn('a', 'b', 'c'), failed('a', 'error', 'answers'))).toMatchObject({ task: 'counted' })
    expect(walk(...inTurn('a', 'b'), answered).state).toEqual(SERVING)
    expect(walk(...inTurn('a', 'b'), answered, failed('c', 'error', 'answers'))).toMatchObject({ task: 'counted' })
  })

  test('a last attempt ends the task without a pause, which would only keep its neighbours waiting', () => {
    const last: Happened = { what: 'failed', task: 'poison', failure: failure('error'), probe: 'answers', last: true }
    expect(walk(last)).toMatchObject({ task: 'counted', state: { mode: 'serving', pauses: 0, suspects: ['poison'] } })
    expect(walk(...inTurn('poison'), last)).toMatchObject({ task: 'counted', state: { mode: 'trial' } })
    expect(walk(...inTurn('a', 'b'), last)).toMatchObject({ task: 'free', refund: ['a', 'b'], state: { mode: 'away' } })
  })

  test('tasks that end at once raise no suspicion', () => {
    const follows = walk(...['a', 'b', 'c', 'd'].map(task => failed(task, 'too-long', 'answers')))
    expect(follows).toMatchObject({ task: 'end', state: SERVING, refund: [] })
  })

  test('many fail at once when a server goes: one pause', () => {
    const follows = walk(...['a', 'b', 'c'].map(task => failed(task, 'unreachable')))
    expect(follows).toMatchObject({ task: 'free', state: { mode: 'away', pauses: 1 } })
  })

  test('it comes back by a probe, then by one task; each failure on the way doubles the pause', () => {
    const away = [failed('a', 'unreachable'), probed(DEAD), probed(DEAD)]
    expect(walk(...away).state).toMatchObject({ mode: 'away', pauses: 3 })
    expect(walk(...away, probed('answers')).state.mode).toBe('trial')
    expect(walk(...away, probed('answers'), failed('b', 'error', DEAD)).state).toMatchObject({ mode: 'away', pauses: 4 })
    expect(walk(...away, probed('answers'), answered).state).toMatchObject({ mode: 'serving', pauses: 0, suspects: [] })
  })

  test('a prompt that takes its server down each time counts from the second time on; an outage and a busy server never count', () => {
    const crash = [failed('heavy', 'error', failure('silent')), probed('answers')]
    expect(walk(...crash)).toMatchObject({ state: { mode: 'trial' } })
    expect(walk(...crash, failed('heavy', 'error', failure('silent')))).toMatchObject({ task: 'counted', state: { mode: 'away' } })
    expect(walk(...crash, answered, failed('heavy', 'no-access'))).toMatchObject({ task: 'free' })
    for (const code of ['unreachable', 'busy'] as const)
      expect(walk(failed('t', code), probed('answers'), failed('t', code))).toMatchObject({ task: 'free' })
  })

  function walkFrom(state: ServiceState, ...events: Happened[]): Follows {
    return events.reduce<Follows>((follows, happened) => next(follows.state, happened), { state, refund: [] })
  }

  test('three poisons with answers in between are excused once, and then use up their attempts', () => {
    const poisons = ['a', 'b', 'c']
    const charges = new Map(poisons.map(poison => [poison, 0]))
    let state = SERVING
    for (let round = 0; round < 4; round += 1) {
      for (const poison of poisons) {
        const follows = walkFrom(state, failed(poison, 'error', 'answers'))
        for (const refunded of follows.refund) charges.set(refunded, charges.get(refunded)! - 1)
        if (follows.task === 'counted') charges.set(poison, charges.get(poison)! + 1)
        state = walkFrom(follows.state, probed('answers')).state
      }
      state = walkFrom(state, answered).state
    }
    expect([...charges.values()]).toEqual([3, 3, 3])
  })

  test('so does a prompt that takes its server down each time, never in a trial', () => {
    const crash = failed('heavy', 'error', failure('silent'))
    const charges: string[] = []
    let state = SERVING
    for (let round = 0; round < FREED_TIMES_MAX + 3; round += 1) {
      const follows = walkFrom(state, crash)
      charges.push(follows.task ?? '')
      state = walkFrom(follows.state, probed('answers'), answered).state
    }
    expect(charges).toEqual([...Array<string>(FREED_TIMES_MAX).fill('free'), ...Array<string>(3).fill('counted')])
  })

  test('its memory stays bounded', () => {
    let state = SERVING
    for (let i = 0; i < 1_000; i += 1) {
      state = walkFrom(state, failed(`s${i}`, 'error', 'answers'), probed('answers')).state
      state = walkFrom(state, failed(`f${i}`, 'no-access'), probed('answers')).state
    }
    expect([state.suspects.length, state.freed.length, state.excused.length]).toEqual([100, 100, 100])
  })

  test('a probe that ends late, when the worker is back, changes nothing', () => {
    const back = walk(failed('a', 'unreachable'), probed('answers'), answered).state
    expect(next(back, probed(DEAD)).state).toEqual(back)
  })

  test('an answer that was still under way does not end a pause', () => {
    expect(walk(failed('a', 'busy'), answered).state.mode).toBe('away')
  })
})

test('pauses start at half a second and double up to the longest; the server may name its own', () => {
  const state = (pauses: number, reason = failure('busy')): ServiceState => ({
    mode: 'away',
    reason,
    pauses,
    suspects: [],
    freed: [],
    excused: [],
  })
  expect([1, 2, 3, 4, 5, 6, 60].map(pauses => pauseMs(state(pauses), 10_000))).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  expect(pauseMs(state(1, failure('busy', { retryAfterMs: 7_000 })), 1_000)).toBe(7_000)
  expect(pauseMs(state(5, failure('busy', { retryAfterMs: 0 })), 10_000)).toBe(500)
})
