import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveSettings } from '#contracts/settings'
import type { HistoryEvent } from '#evidence/history'
import { judgeArm, unknownByNoise } from '#evidence/judge'
import type { RunDocument } from '#evidence/run-document'
import { checksOf, type Scenario } from '#experiment'
import { findingText, verdictText } from '../../reports/finding-words.ts'
import { startGpuSim } from '../../services/gpu-sim/gpu-sim.ts'
import { ROOT } from '../lab/command.ts'
import { type TestHome, testHome } from '../lab/test-home.ts'
import { loadScenario, scenarioNames } from './find.ts'
import { runOne } from './one.ts'

/** What the tests ask of every scenario, quick, with all its controls. */

/** A run of at most so long, arms and all. Milliseconds. */
const RUN_WITHIN_MS = 300_000

/** Not held to their claim yet, and why: what ends them unknown is not the machine's noise. */
const NOT_YET: Readonly<Record<string, string>> = {
  'broker-node':
    'after a node was frozen, RabbitMQ 3.10 may refuse to declare the queues of the next virtual host (cluster_not_formed): the later arms end unknown',
}

interface Run {
  document: RunDocument
  histories: ReadonlyMap<string, readonly HistoryEvent[]>
}

/** Those that judge times, or the others; without the README's, which its own test runs.
 *  @param every with `from`: each second one is `{ from: 0, every: 2 }` */
export async function scenariosToProve({ timed, from = 0, every = 1 }: { timed: boolean; from?: number; every?: number }) {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const names = (await scenarioNames()).filter(name => !readme.includes(`npm run scenario -- ${name}\n`))
  const all = await Promise.all(names.map(loadScenario))
  const wanted = all.filter(({ checks }) => checks.some(({ kind }) => kind?.timed === true) === timed)
  return wanted.filter((_, index) => index % every === from)
}

/** `unknown` by a busy machine is skipped, with its reason. */
export function prove(scenarios: readonly Scenario[]): void {
  let home: TestHome
  beforeAll(async () => {
    home = await testHome('scenarios')
    process.env['PREFETCH_LAB_HOME'] = home.labs
  })
  afterAll(() => home.remove())

  describe.each(scenarios)('$name', scenario => {
    let run: Run | undefined

    test('the claim holds, every control breaks, nothing is left behind', { timeout: 2 * RUN_WITHIN_MS }, async context => {
      const why = NOT_YET[scenario.name]
      if (why !== undefined) context.skip(why)
      const said: string[] = []
      const { folder, ...done } = await quickRun(scenario, text => said.push(text))
      run = done
      await home.nothingLeft()
      const { verdict, arms } = run.document
      if (verdict === 'unknown' && arms.every(arm => arm.verdict !== 'unknown' || unknownByNoise(arm))) context.skip(said.join('\n'))
      expect(verdict, [...said, ...troublesOf(run), `Look: npm run report -- ${folder}`].join('\n')).toBe('pass')
      await rm(join(ROOT, folder), { recursive: true })
    })

    test('swapped: a claim in the place of a control is unknown, a control in the place of a claim fails', context => {
      if (run?.document.verdict !== 'pass') return context.skip('there is no run to swap')
      expectSwapped(scenario, run)
    })
  })
}

async function quickRun(scenario: Scenario, say: (text: string) => void) {
  const options = { seed: 1, size: 'quick', signal: AbortSignal.timeout(RUN_WITHIN_MS), say, render: () => ({}) } as const
  if (scenario.needs === undefined) return runOne(scenario, options)
  // A simulated server replaces the real one: this tests the scenario, not a model.
  const settings = resolveSettings({ gpuColdLoad: false })
  await using sim = await startGpuSim({ name: scenario.name, settings, host: '127.0.0.1', port: 0, controlPort: 0 })
  // Awaited: the server lives until then.
  return await runOne(scenario, {
    ...options,
    modelServer: { url: sim.url, headers: {}, model: settings.model, think: false, reasoningTokens: 0 },
  })
}

/** Of each arm that did not do what is expected: its checks, and how it ended. */
function troublesOf({ document, histories }: Run): string[] {
  const bad = document.arms.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'broke')
  return bad.flatMap(({ name, checks }) => [
    ...checks.map(finding => `  ${name}, ${finding.name}: ${finding.verdict}, ${findingText(finding)}`),
    ...(histories.get(name) ?? []).flatMap(event =>
      event.kind === 'rest' && event.ended !== 'rest' ? [`  ${name} ended: ${event.lastSeen}`] : [],
    ),
  ])
}

/** A claim in a control's place is unknown, a control in a claim's place fails. */
export function expectSwapped(scenario: Scenario, { document, histories }: Run): void {
  const historyOf = (arm: RunDocument['arms'][number]) => ({ ...arm.facts, events: histories.get(arm.name) ?? [] })
  for (const control of scenario.controls) {
    const own = document.arms.find(({ name }) => name === control.name)
    if (own === undefined) throw new Error(`${control.name} did not run`)
    const checks = checksOf(scenario, control)
    const inClaimsPlace = judgeArm(historyOf(own), checks, { name: control.name, role: 'claim' })
    expect(inClaimsPlace.verdict, `${control.name}: ${verdictText(inClaimsPlace)}`).toBe('fail')
    for (const claim of document.arms.filter(({ role }) => role === 'claim')) {
      const inControlsPlace = judgeArm(historyOf(claim), checks, { ...control, role: 'control' })
      expect(inControlsPlace.verdict, `${claim.name} for ${control.name}: ${verdictText(inControlsPlace)}`).toBe('unknown')
    }
  }
}
