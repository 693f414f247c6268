import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judgeArm } from '#checks/judge'
import { type ArmRun, runScenario, type Scenario, type ScenarioRun } from '#lab'

/** Every scenario, quick, with all its controls: one test each. What a busy machine makes of it is unknown and skipped with its reason, never a failure. */
const names = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith('.scenario.ts'))
  .map(file => file.slice(0, -'.scenario.ts'.length))

const never = new AbortController().signal
/** A run of at most so long, arms and all. Milliseconds. */
const RUN_WITHIN_MS = 300_000

const load = async (name: string) => ((await import(join(import.meta.dirname, `${name}.scenario.ts`))) as { default: Scenario }).default
const historyOf = ({ facts, history }: ArmRun) => ({ ...facts, events: history })
const summary = (run: ScenarioRun) =>
  run.arms.map(({ judged }) => `${judged.role} ${judged.name}: ${judged.verdict}, ${judged.detail}`).join('\n')
/** Unknown for no other reason than that others used the machine. */
const noisy = (run: ScenarioRun) =>
  run.arms.some(({ judged }) => /too noisy/.test(judged.detail)) &&
  run.arms.every(({ judged }) => judged.verdict !== 'unknown' || /too noisy/.test(judged.detail))

describe.each(names)('%s', name => {
  let run: ScenarioRun | undefined

  test('the claim holds, and every control breaks', { timeout: RUN_WITHIN_MS }, async context => {
    run = await runScenario(await load(name), { seed: 1, size: 'quick', signal: never })
    if (run.verdict === 'unknown' && noisy(run)) context.skip(summary(run))
    expect(run.verdict, summary(run)).toBe('pass')
  })

  test('swapped: a claim in the place of a control is unknown, a control in the place of a claim fails', context => {
    if (run === undefined || run.verdict !== 'pass') return context.skip('there is no run to swap')
    const { scenario, arms } = run
    for (const control of scenario.controls) {
      const own = arms.find(other => other.arm.name === control.name)
      if (own === undefined) throw new Error(`${control.name} did not run`)
      const checks = scenario.checks.filter(check => control.judgedBy?.includes(check.name) ?? true)
      const inClaimsPlace = judgeArm(historyOf(own), checks, { name: control.name, role: 'claim' })
      expect(inClaimsPlace.verdict, `${control.name}: ${inClaimsPlace.detail}`).toBe('fail')
      for (const claim of arms.filter(other => other.role === 'claim')) {
        const inControlsPlace = judgeArm(historyOf(claim), checks, { ...control, role: 'control' })
        expect(inControlsPlace.verdict, `${claim.arm.name} for ${control.name}: ${inControlsPlace.detail}`).toBe('unknown')
      }
    }
  })
})
