import { describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { loadFixture } from '../load/fixture.ts'
import type { Side } from './compared.ts'
import { compareDocument } from './document.ts'
import { compareMarkdown } from './markdown.ts'
import { comparePage } from './page.ts'
import { loadRun, scenarioRun } from './side.ts'
import { compareText } from './text.ts'
import { methodLines } from './words.ts'

const { run, histories } = modelRun()
const whole = (label: string, model = { run, histories }): Side => ({
  label,
  named: false,
  runs: [scenarioRun(label, model.run, model.histories)],
})
/** One arm of the run. */
const arm = (index: number): Side => {
  const side = whole(run.arms[index]!.name)
  return { ...side, named: true, runs: side.runs.map(each => ({ ...each, arms: [each.arms[index]!] })) }
}
const load = (label: string, options = {}): Side => {
  const { load: document, histories: events } = loadFixture(options)
  return { label, named: false, runs: [loadRun(label, document, events)] }
}
const verdicts = (sides: Side[]) => compareDocument(sides, 'again').comparisons.flatMap(({ rows }) => rows.map(({ verdict }) => verdict))

describe('prefetch 1 against 250', () => {
  const document = compareDocument([arm(0), arm(1)], 'npm run report -- compare A B')
  test('regressed, and by how much', () => {
    expect(document.verdict).toBe('regressed')
    const row = document.comparisons[0]!.rows.find(({ measure }) => measure === 'waitP95Ms')!
    const [good, bad] = run.arms.map(({ measures }) => measures['waitP95Ms']!)
    expect(row.from).toBeCloseTo(good!, 6)
    expect(row.to).toBeCloseTo(bad!, 6)
    expect(row.effectPercent).toBeCloseTo(100 * (bad! / good! - 1), 3)
    expect(row.intervalPercent[0]).toBeGreaterThan(0)
  })
  test('the other way round it improved', () => expect(compareDocument([arm(1), arm(0)], '').verdict).toBe('improved'))
  test('what differs is named, and the checks that say something else', () => {
    expect(document.differs).toContainEqual({ name: 'workerPrefetchTasks', values: ['1', '250'] })
    expect(document.comparisons[0]!.checks).toContainEqual({ name: 'wait-near-ideal', from: 'pass', to: 'fail' })
  })
  test('on a terminal: the verdict first', () => {
    const text = compareText(document)
    expect(text).toMatch(/^REGRESSED {2}small prefetch → prefetch 250: p95 wait .* times as much; 95 %/)
    expect(text.replace(/\s+/g, ' ')).toContain('95 % interval +')
  })
})

test('a run against itself: no detectable change, and nothing differs', () => {
  const document = compareDocument([whole('a'), whole('b')], '')
  expect(document.verdict).toBe('no detectable change')
  expect(document.differs).toEqual([])
  expect(compareText(document)).toContain('differs: nothing')
})

test('others kept the machine busy: too noisy, with what they used', () => {
  const document = compareDocument([whole('a'), whole('b', modelRun({ foreignCpuPercent: 60 }))], '')
  expect(document.verdict).toBe('too noisy')
  expect(compareText(document)).toContain('others used 60 % of the machine')
})

test('too few samples on a side say nothing; on both sides they are left out', () => {
  const few = whole('b', modelRun({ prompts: 10 }))
  expect(new Set(verdicts([whole('a'), few]))).toEqual(new Set(['too noisy']))
  const none = compareDocument([few, few], '')
  expect(none.comparisons.flatMap(({ rows }) => rows)).toEqual([])
  expect(none.verdict).toBe('too noisy')
  expect(compareText(none)).toContain('none could be compared')
})

test('where nothing was ever begun there is no rate to compare, and waits regressed', () => {
  const dead = new Map([...histories].map(([name, events]) => [name, events.filter(({ kind }) => kind !== 'inference')] as const))
  const document = compareDocument([whole('a'), whole('b', { run, histories: dead })], '')
  expect(JSON.stringify(document)).not.toContain('null,null')
  const [small] = document.comparisons
  expect(small!.rows.map(({ measure }) => measure)).toEqual(['waitP50Ms', 'waitP95Ms'])
  expect(small!.rows[0]!.verdict).toBe('regressed')
})

test('what was lost waits until the end: losing the slow half is no improvement', () => {
  const kept = new Set(
    (histories.get('prefetch 250') ?? []).flatMap(event => (event.kind === 'inference' ? [event.task] : [])).slice(0, 40),
  )
  const losing = new Map([
    ...histories,
    ['prefetch 250', (histories.get('prefetch 250') ?? []).filter(event => event.kind !== 'inference' || kept.has(event.task))],
  ])
  const rows = compareDocument([whole('a'), whole('b', { run, histories: losing })], '').comparisons.find(
    ({ arm: name }) => name === 'prefetch 250',
  )!.rows
  expect(rows.find(({ measure }) => measure === 'waitP50Ms')!.verdict).not.toBe('improved')
})

describe('load tests', () => {
  test('four times the latency regressed; delivery as fast and CPU did not', () => {
    const document = compareDocument([load('a'), load('b', { medianMs: 12, seed: 2 })], '')
    expect(document.verdict).toBe('regressed')
    const changed = document.comparisons[0]!.rows.filter(({ verdict }) => verdict === 'regressed').map(({ measure }) => measure)
    expect(changed).toEqual(['latencyP50Ms', 'latencyP99Ms', 'storedP50Ms', 'storedP99Ms'])
  })
  test('another seed of the same: no detectable change', () => {
    expect(new Set(verdicts([load('a'), load('b', { seed: 9 })]))).toEqual(new Set(['no detectable change']))
  })
  test('a generator that was the limit says nothing of the system', () => {
    expect(new Set(verdicts([load('a'), load('b', { generatorBound: true })]))).toEqual(new Set(['too noisy']))
  })
  test('without single events its own figures are compared, with the allowance alone', () => {
    const { load: document } = loadFixture()
    const side: Side = { label: 'a', named: false, runs: [loadRun('a', document, new Map())] }
    const rows = compareDocument([side, side], '').comparisons[0]!.rows.map(({ measure }) => measure)
    expect(rows).toEqual(['latencyP50Ms', 'latencyP99Ms', 'cpuPerMessageUs'])
  })
})

test('several runs on a side narrow the interval', () => {
  const width = (sides: Side[]) => {
    const [low, high] = compareDocument(sides, '').comparisons[0]!.rows[0]!.intervalPercent
    return high - low
  }
  const many = (from: number): Side => ({
    label: 'many',
    named: false,
    runs: Array.from({ length: 4 }, (_, i) => load('x', { seed: from + i }).runs[0]!),
  })
  expect(width([many(1), many(11)])).toBeLessThan(0.7 * width([load('a'), load('b', { seed: 11 })]))
})

test('runs that share no arm: the arms that there are, and how to name one', () => {
  const other = whole('b')
  const renamed = { ...other, runs: other.runs.map(each => ({ ...each, arms: each.arms.map(own => ({ ...own, arm: `no ${own.arm}` })) })) }
  expect(() => compareDocument([whole('a'), renamed], '')).toThrow(/"small prefetch".*"no prefetch 250"[\s\S]*FOLDER#ARM/)
})

describe('the page', () => {
  const document = compareDocument([arm(0), arm(1), arm(0)], 'npm run report -- compare A B C')
  const page = comparePage(document, methodLines(document))
  test('loads nothing, runs nothing, has no inline style', () => {
    expect(page).not.toMatch(/<script|\son[a-z]+=|\sstyle=|javascript:|@import|https?:\/\/|url\((?!#)/i)
    expect(page.match(/<style/g)).toHaveLength(1)
    expect(page).not.toContain('NaN')
  })
  test('each side stands against the first', () => {
    expect(page).toContain('small prefetch → prefetch 250, A → B')
    expect(page).toContain('small prefetch, A → C')
  })
  test('interval chart and curves, each told in a sentence, each with its table', () => {
    const labels = [...page.matchAll(/<svg class="plot broad" role="img" aria-label="([^"]*)"/g)].map(match => match[1])
    expect(labels).toHaveLength(4)
    expect(labels[0]).toMatch(/p95 wait \+\d+ %, .* interval .* regressed/)
    expect(page.match(/<table>/g)!.length).toBeGreaterThanOrEqual(labels.length)
  })
  test('the method names allowance, source and false alarms', () => {
    expect(page).toMatch(/each is allowed to lie off by[\s\S]*measured within a seed/)
    expect(page).toContain('How often it is wrong')
  })
  test('the same in Markdown', () => {
    const text = compareMarkdown(document, methodLines(document))
    expect(text).toMatch(/^# MIXED|^# REGRESSED/)
    expect(text).toContain('| workerPrefetchTasks | 1 | 250 | 1 |')
  })
})
