import { describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { loadFixture } from '../load/fixture.ts'
import type { ComparedRun, Side } from './compared.ts'
import { compareDocument } from './document.ts'
import { loadRun, scenarioRun } from './side.ts'
import { compareText } from './text.ts'

const { run, histories } = modelRun({ prompts: 60 })
const madeUp = (folder: string): ComparedRun => ({ ...scenarioRun(folder, run, histories), folder })
const armOf = (each: ComparedRun, index: number): ComparedRun => ({ ...each, arms: [each.arms[index]!] })
const { load, histories: events } = loadFixture({ seconds: 4 })
const loaded = (folder: string, change: Partial<typeof load> = {}): ComparedRun => ({
  ...loadRun(folder, { ...load, ...change }, events),
  folder,
})
const side = (...runs: ComparedRun[]): Side => ({ label: runs.map(({ label }) => label).join(), named: runs[0]!.arms.length === 1, runs })
const compared = (...sides: Side[]) => compareDocument(sides, '')

describe('a run counts once', () => {
  test('twice on a side', () => {
    expect(() => compared(side(madeUp('x'), madeUp('y'), madeUp('x')), side(madeUp('z')))).toThrow(/got x twice on side A/)
  })
  test('on both sides, of which one has several', () => {
    expect(() => compared(side(madeUp('x'), madeUp('y')), side(madeUp('y')))).toThrow(
      expect.objectContaining({ code: 'SAME_RUN', message: expect.stringContaining('got y on side A and on side B') }),
    )
  })
  test('another arm of it is another run', () => {
    const [a, b] = [0, 1].map(arm => side(armOf(madeUp('x'), arm), armOf(madeUp('y'), arm))) as [Side, Side]
    expect(compared(a, b).verdict).toBe('regressed')
  })
  test('one against itself is told', () => {
    const document = compared(side(madeUp('x')), side(madeUp('x')))
    expect(document.sides.map(({ sameAs }) => sameAs)).toEqual([null, 'A'])
    expect(compareText(document)).toContain('differs: nothing: B is the same run as A')
  })
})

describe('the runs of a side are of one kind', () => {
  const fast = { plan: { ...load.plan, perSecond: 900 } }
  test('other plans, whichever way they are mixed', () => {
    expect(() => compared(side(loaded('x'), loaded('y', fast)), side(loaded('z', fast), loaded('w')))).toThrow(
      expect.objectContaining({ code: 'MIXED_SIDE', message: expect.stringMatching(/side A, got .* plan: perSecond \(50, 900\)/) }),
    )
  })
  test('seeds may differ, and are no difference where both sides have them', () => {
    const document = compared(side(loaded('x'), loaded('y', { seed: 2 })), side(loaded('z', { seed: 2 }), loaded('w')))
    expect(document.differs).toEqual([])
  })
  test('two commits on each side are named, though both sides have both', () => {
    const other = { commit: { id: 'def5678', dirty: false } }
    const document = compared(side(loaded('x'), loaded('y', other)), side(loaded('z', other), loaded('w')))
    expect(document.differs).toEqual([{ name: 'commit', values: ['abc1234, def5678', 'abc1234, def5678'] }])
  })
})

test.each([
  ['bot', side(loaded('y', { workload: 'bot' })), /a load test of chat \(x\), a load test of bot \(y\)/],
  ['a scenario', side(armOf(madeUp('y'), 0)), /a load test of chat \(x\), a scenario \(y\)/],
])('chat against %s: times of other things', (_, other, message) => {
  expect(() => compared(side(loaded('x')), other)).toThrow(
    expect.objectContaining({ code: 'NOTHING_SHARED', message: expect.stringMatching(message) }),
  )
})
