import { readFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { MUTATIONS } from '../../../scenarios/evidence/mutants/mutants.ts'
import { loadScenario, scenarioNames } from '../../scenario/find.ts'
import { PURPOSES, REFERENCE, referenceMarkdown } from './page.ts'
import { Source } from './source.ts'

const page = await readFile(REFERENCE, 'utf8')
/** One for all tests: it takes two seconds to read the project. */
const source = new Source()
afterAll(() => source[Symbol.dispose]())

test('the reference page is what the code says', () => {
  expect(referenceMarkdown(source), 'scenarios/REFERENCE.md is stale: npm run fix').toBe(page)
})

test('its lines fit, and each entry says more than its signature', () => {
  expect(page.split('\n').filter(line => line.length > 120)).toEqual([])
  expect(page).not.toMatch(/^- `.*\n(?=- |\n)/m)
})

test('every check has a mutant or a test that knows it', () => {
  const checks = source.checks()
  expect(checks.length).toBeGreaterThan(25)
  for (const { name, tests } of checks) {
    const mutants = MUTATIONS.filter(({ caughtBy }) => caughtBy === name)
    expect(mutants.length + tests.length, `${name}: add a mutant or a test in which it fails`).toBeGreaterThan(0)
  }
})

test('every check that a scenario uses stands on the page, and every file of checks in its index, once', async () => {
  const scenarios = await Promise.all((await scenarioNames()).map(loadScenario))
  const used = new Set(scenarios.flatMap(({ checks }) => checks.map(({ name }) => name)))
  const listed = source.checks().map(({ name }) => name)
  expect([...used].filter(name => !listed.includes(name))).toEqual([])
  const files = new Set(source.checks().map(({ file }) => file))
  expect(PURPOSES.flatMap(([, ...own]) => own).toSorted()).toEqual([...files].toSorted())
})

test('what is not exported is named', () => {
  expect(() => source.entries('scenarios/experiment/pieces.ts', 'nothing')).toThrow('exports no nothing')
  expect(source.entries('scenarios/lab/until.ts', 'Within').map(({ signature }) => signature)).toContain('withinMs: number')
})
