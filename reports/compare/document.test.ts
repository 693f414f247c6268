import { describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { type LoadFixtureOptions, loadFixture } from '../load/fixture.ts'
import { compareDocument } from './document.ts'
import { comparePage } from './page.ts'
import { ratioText } from './rows.ts'
import { type ComparedRun, loadRun, type Side, scenarioRun } from './sides.ts'
import { compareMarkdown, compareText } from './text.ts'

const { run, histories } = modelRun()
const madeUp = (folder: string, model = { run, histories }): ComparedRun => ({ ...scenarioRun(folder, model.run, model.histories), folder })
const loaded = (folder: string, change: object = {}, options: LoadFixtureOptions = { seconds: 4 }): ComparedRun => {
  const { load, histories: events } = loadFixture(options)
  return { ...loadRun(folder, { ...load, ...change }, events), folder }
}
const side = (...runs: ComparedRun[]): Side => ({ label: runs.map(({ label }) => label).join(), runs })
const arm = (index: number, of = madeUp('x')): Side => side({ ...of, arms: [of.arms[index]!] })
const compared = (...sides: Side[]) => compareDocument(sides, 'again')
const textOf = (document: ReturnType<typeof compared>) => compareText(document).replace(/\s+/g, ' ')
const rowsOf = (...sides: Side[]) => compared(...sides).comparisons.flatMap(({ rows }) => rows)

describe('prefetch 1 against 250', () => {
  const document = compared(arm(0), arm(1))
  test('worse, by as much as the run itself measured', () => {
    const row = document.comparisons[0]!.rows.find(({ measure }) => measure === 'waitP95Ms')!
    const [good, bad] = run.arms.map(({ measures }) => measures['waitP95Ms']!) as [number, number]
    expect(row).toMatchObject({ from: expect.closeTo(good, 6), to: expect.closeTo(bad, 6), verdict: 'regressed' })
    expect(row.effectPercent).toBeCloseTo(100 * (bad / good - 1), 3)
    expect(row.intervalPercent[0]).toBeGreaterThan(0)
    expect(textOf(document)).toMatch(/^WORSE small prefetch → prefetch 250: p95 wait .* x \(95 %: /)
  })
  test('the other way round it is better', () => expect(textOf(compared(arm(1), arm(0)))).toMatch(/^BETTER/))
  test('each difference is named once, with the checks that changed', () => {
    expect(document.differs).toEqual([{ name: 'workerPrefetchTasks', values: ['1', '250'] }])
    expect(document.comparisons[0]!.checks).toContainEqual({ name: 'wait-near-ideal', from: 'pass', to: 'fail' })
  })
})

test('a run against itself: cannot tell, nothing differs, no run would change that', () => {
  const document = compared(side(madeUp('x')), side(madeUp('x')))
  expect(document.verdict).toBe('no detectable change')
  expect(document.sides.map(({ sameAs }) => sameAs)).toEqual([null, 'A'])
  expect(document.differs).toEqual([])
  expect(textOf(document)).toMatch(/^CANNOT TELL .*B is the same run as A/)
  expect(textOf(document)).not.toMatch(/more runs? would/)
})

describe('figures that say nothing', () => {
  test('other processes kept the machine busy', () => {
    const document = compared(side(madeUp('x')), side(madeUp('y', modelRun({ foreignCpuPercent: 60 }))))
    expect(document.verdict).toBe('too noisy')
    expect(document.sentence).toMatch(/\. Too noisy to tell: other processes used 60 % of the machine \(allowed 12 %\), .*\.$/)
  })
  test('the generator was the limit', () => {
    const bound = loaded('y', { generatorBound: true })
    expect(new Set(rowsOf(side(loaded('x')), side(bound)).map(({ verdict }) => verdict))).toEqual(new Set(['too noisy']))
  })
  test('too few samples on a side; on both sides they are left out', () => {
    const few = side(madeUp('y', modelRun({ prompts: 10 })))
    expect(new Set(rowsOf(side(madeUp('x')), few).map(({ detail }) => detail))).toEqual(new Set(['10 measured, 20 needed']))
    expect(textOf(compared(few, few))).toContain('No figure has enough samples')
  })
  test('nothing ever began: no rate, and waits got worse', () => {
    const dead = new Map([...histories].map(([name, events]) => [name, events.filter(({ kind }) => kind !== 'inference')] as const))
    const rows = rowsOf(arm(0), arm(0, madeUp('y', { run, histories: dead })))
    expect(rows.map(({ measure, verdict }) => `${measure} ${verdict}`)).toEqual(['waitP50Ms regressed', 'waitP95Ms regressed'])
  })
  test('losing the slow half is not better: what was lost waits until the end', () => {
    const events = histories.get('prefetch 250')!
    const kept = new Set(events.flatMap(event => (event.kind === 'inference' ? [event.task] : [])).slice(0, 40))
    const losing = events.filter(event => event.kind !== 'inference' || kept.has(event.task))
    const rows = rowsOf(arm(1), arm(1, madeUp('y', { run, histories: new Map([...histories, ['prefetch 250', losing]]) })))
    expect(rows.find(({ measure }) => measure === 'waitP50Ms')!.verdict).not.toBe('improved')
  })
})

describe('load tests', () => {
  test('four times the latency is worse; delivery and CPU are not', () => {
    const rows = rowsOf(side(loaded('x')), side(loaded('y', {}, { seconds: 4, medianMs: 12, seed: 2 })))
    const worse = rows.filter(({ verdict }) => verdict === 'regressed').map(({ measure }) => measure)
    expect(worse).toEqual(['latencyP50Ms', 'latencyP99Ms', 'storedP50Ms', 'storedP99Ms'])
    expect(rows.map(({ measure }) => measure).slice(4)).toEqual(['deliveredPerSecond', 'cpuPerMessageUs'])
  })
  test('1.4 times the latency: n more runs would tell, and they do', () => {
    const many = (count: number, medianMs: number, seed: number) =>
      side(...Array.from({ length: count }, (_, i) => loaded(`${seed + i}`, {}, { seconds: 4, medianMs, seed: seed + i })))
    const row = (count: number) => rowsOf(many(count, 3, 1), many(count, 4.2, 51)).find(({ measure }) => measure === 'latencyP50Ms')!
    const few = row(1)
    expect(few).toMatchObject({ verdict: 'no detectable change', runsMore: expect.any(Number) })
    expect(textOf(compared(many(1, 3, 1), many(1, 4.2, 51)))).toContain(`${few.runsMore} more runs would`)
    expect(row(few.runsMore! + 2).verdict).toBe('regressed')
  })
  test('a design is the settings that it sets, and a worker that has them is not named again', () => {
    const workers = (prefetchTasks: number) => [{ name: 'worker-fast', prefetchTasks, slots: 1 }]
    const of = (design: string, prefetchTasks: number) =>
      side(loaded(design, { design, set: {}, facts: { sequenced: true, robot: 'r', workers: workers(prefetchTasks), attemptsMax: 3 } }))
    const names = compared(of('article', 250), of('sound', 1)).differs.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['design', 'chatStored', 'publisherConfirms', 'workerPrefetchTasks']))
    expect(names).not.toContain('worker-fast: prefetch')
  })
  test('an engine with names of its own: they are compared', () => {
    const { latencyMs } = loadFixture().load
    const own = { engine: 'autocannon', storedMs: null, latencies: { login: latencyMs }, measures: { loginPerSecond: 90 }, parts: [] }
    const rows = rowsOf(side(loaded('x', own)), side(loaded('y', own)))
    expect(rows.map(({ label }) => label)).toEqual(['p50 login', 'p99 login', 'login a second'])
  })
})

describe('refused', () => {
  const fast = { plan: { perSecond: 900 } }
  const other = side({ ...madeUp('y'), arms: [{ ...madeUp('y').arms[0]!, arm: 'other' }] })
  test.each([
    ['SAME_RUN', 'a run twice on a side', [side(loaded('x'), loaded('x')), side(loaded('z'))], /x is listed twice on side A/],
    ['SAME_RUN', 'on both sides, of which one has several', [side(loaded('x'), loaded('y')), side(loaded('y'))], /on side A and on side B/],
    ['MIXED_SIDE', 'other plans on one side', [side(loaded('x'), loaded('y', fast)), side(loaded('z'))], /A, got .* perSecond \(50, 900\)/],
    ['NOTHING_SHARED', 'other workloads', [side(loaded('x')), side(loaded('y', { workload: 'bot' }))], /of chat and a load test of bot/],
    ['NOTHING_SHARED', 'a scenario and a load test', [side(loaded('x')), arm(0)], /got a load test of chat and a scenario/],
    ['NOTHING_SHARED', 'several arms and another', [side(madeUp('x')), other], /the runs share no arm\. x has "small prefetch"/],
  ])('%s: %s', (code, _, sides, message) =>
    expect(() => compared(...sides)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) })),
  )
  test('accepted: one arm and its like among several', () =>
    expect(compared(side(madeUp('x')), arm(1, madeUp('y'))).comparisons.map(each => each.arm)).toEqual(['prefetch 250']))
  test('accepted: another arm of one folder; equal sets of seeds do not differ', () => {
    expect(compared(arm(0), arm(1)).verdict).toBe('regressed')
    const [a, b] = [side(loaded('x'), loaded('y', { seed: 2 })), side(loaded('z', { seed: 2 }), loaded('w'))]
    expect(compared(a, b).differs).toEqual([])
  })
})

test('three renderings of one view: each side against the first, nothing loaded, at most 80 columns', () => {
  const document = compared(arm(0), arm(1), arm(0, madeUp('y')))
  const [page, markdown] = [comparePage(document), compareMarkdown(document)]
  expect(page).not.toMatch(/<script|\son[a-z]+=|\sstyle=|@import|https?:\/\/|url\((?!#)|NaN|undefined/i)
  for (const text of [page, markdown, compareText(document)]) expect(text).toContain('small prefetch → prefetch 250, A → B')
  // Intervals and curves of both.
  expect(page.match(/<svg class="plot broad" role="img"/g)).toHaveLength(4)
  expect(markdown).toContain('    workerPrefetchTasks: 1 → 250 → 1\n')
  for (const line of compareText(document).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('ratios near 1 are percentages, others factors', () =>
  expect([1.234, 0.959, 34.2, 0.25, 1, 1.0004, 0.9996, 1.0006].map(ratioText)).toEqual([
    ...['+23 %', '−4.1 %', '34 x', '1/4 x', '0 %', '0 %', '0 %', '+0.1 %'],
  ]))
