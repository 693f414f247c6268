import { relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveSettings } from '#contracts/settings'
import { judgeArm, unknownByNoise } from '#evidence/judge'
import { makeRunFolder, writeRun } from '#evidence/store/run-folder'
import { type ArmRun, checksOf, runScenario, type ScenarioRun } from '#experiment'
import { findingText, verdictText } from '../../reports/finding-words.ts'
import { runDocument } from '../../scenarios/experiment/document.ts'
import { circumstances } from '../../scenarios/experiment/machine.ts'
import { startGpuSim } from '../../services/gpu-sim/gpu-sim.ts'
import { type TestHome, testHome } from '../lab/test-home.ts'
import { loadScenario, scenarioNames } from './find.ts'

/** All scenarios, quick, with controls. `unknown` by a busy machine is skipped, with its reason. */

const never = new AbortController().signal
/** A run of at most so long, arms and all. Milliseconds. */
const RUN_WITHIN_MS = 300_000

let home: TestHome
beforeAll(async () => {
  home = await testHome('scenarios')
  process.env['PREFETCH_LAB_HOME'] = home.labs
})
afterAll(() => home.remove())

const historyOf = ({ facts, history }: ArmRun) => ({ ...facts, events: history })
const summary = (run: ScenarioRun) =>
  run.arms.map(({ judged }) => `${judged.role} ${judged.name}: ${judged.verdict}, ${verdictText(judged)}`).join('\n')
/** What each arm and each of its checks says, and where the run is stored to be looked at. */
async function leave(run: ScenarioRun, startedAt: string): Promise<string> {
  const folder = await makeRunFolder(run.scenario.name, startedAt)
  const document = runDocument(run, await circumstances(startedAt))
  await writeRun(folder, document, new Map(run.arms.map(arm => [arm.arm.name, arm.history])))
  const bad = run.arms.filter(({ judged }) => judged.verdict !== 'pass' && judged.verdict !== 'broke')
  const said = bad.flatMap(({ judged, history }) => [
    ...judged.checks.map(finding => `  ${judged.name}, ${finding.name}: ${finding.verdict}, ${findingText(finding)}`),
    ...history.flatMap(event => (event.kind === 'rest' && event.ended !== 'rest' ? [`  ${judged.name} ended: ${event.lastSeen}`] : [])),
  ])
  return [summary(run), ...said, `Look: npm run report -- ${relative(process.cwd(), folder)}`].join('\n')
}

/** Every arm that is unknown is so because others kept the machine busy. */
const noisy = ({ arms }: ScenarioRun) => arms.every(arm => arm.judged.verdict !== 'unknown' || unknownByNoise(arm.judged))

describe.each(await scenarioNames())('%s', name => {
  let run: ScenarioRun | undefined

  test('the claim holds, every control breaks, nothing is left behind', { timeout: RUN_WITHIN_MS }, async context => {
    const scenario = await loadScenario(name)
    // A simulated server replaces the real one: this tests the scenario, not a model.
    const settings = resolveSettings({ gpuColdLoad: false })
    await using sim =
      scenario.needs === undefined ? undefined : await startGpuSim({ name, settings, host: '127.0.0.1', port: 0, controlPort: 0 })
    const modelServer =
      sim === undefined ? undefined : { url: sim.url, headers: {}, model: settings.model, think: false as const, reasoningTokens: 0 }
    const startedAt = new Date().toISOString()
    run = await runScenario(scenario, { seed: 1, size: 'quick', signal: never, modelServer })
    await sim?.[Symbol.asyncDispose]()
    await home.nothingLeft()
    if (run.verdict === 'unknown' && noisy(run)) context.skip(summary(run))
    expect(run.verdict, run.verdict === 'pass' ? '' : await leave(run, startedAt)).toBe('pass')
  })

  test('swapped: a claim in the place of a control is unknown, a control in the place of a claim fails', context => {
    if (run?.verdict !== 'pass') return context.skip('there is no run to swap')
    const { scenario, arms } = run
    for (const control of scenario.controls) {
      const own = arms.find(other => other.arm.name === control.name)
      if (own === undefined) throw new Error(`${control.name} did not run`)
      const checks = checksOf(scenario, control)
      const inClaimsPlace = judgeArm(historyOf(own), checks, { name: control.name, role: 'claim' })
      expect(inClaimsPlace.verdict, `${control.name}: ${verdictText(inClaimsPlace)}`).toBe('fail')
      for (const claim of arms.filter(other => other.role === 'claim')) {
        const inControlsPlace = judgeArm(historyOf(claim), checks, { ...control, role: 'control' })
        expect(inControlsPlace.verdict, `${claim.arm.name} for ${control.name}: ${verdictText(inControlsPlace)}`).toBe('unknown')
      }
    }
  })
})
