import type { Asked } from '#evidence/asked'
import { letterOf, shellWord } from '#evidence/typed'
import { LabError } from '../lab/errors.ts'
import { checkPlan, DEFAULT_PLAN, type LabPlan, withSetting } from '../lab/plan.ts'
import { planOf } from './arm-plan.ts'
import type { Arm, Scenario } from './definition.ts'
import { ownGpus } from './own-gpus.ts'

/** A scenario as somebody asked for it: with their values beside its own arms. Pure. */

/** Checks the plan of each arm too. Throws UNKNOWN_ARM, BAD_SETTING, UNKNOWN_PART,
 *  UNKNOWN_GPU_PROFILE, GPUS_FIXED.
 *  @param words as they were typed, where a profile is the name of a file */
export function asAsked(given: Scenario, asked: Asked, words: Asked = asked): Scenario {
  refuseOwnMistakes(given)
  const { own, ...lists } = asked
  if (own === undefined && Object.values(lists).every(list => list.length === 0)) return given
  const one = own === undefined ? given : withOwn(given, own)
  const named = [...one.arms, ...one.controls].map((arm, i) => ({ arm, letter: letterOf(i) }))
  const chosen = new Set(asked.arms.length === 0 ? named : asked.arms.map(text => armOf(named, text, one.name)))
  const of = <A extends Arm<object>>(arms: readonly A[]) => arms.filter(arm => [...chosen].some(each => each.arm === arm))
  const [arms, controls] = [of(one.arms), of(one.controls)]
  const within = asked.gpus.length + asked.gpu.length === 0 ? one : { ...one, plan: ownGpus(one, asked) }
  // Letters of this run, in which changed arms come last. A control may be changed too.
  const models = arms.length === 0 ? controls : arms
  const changed = asked.set.length === 0 ? [] : models.map((arm, i) => changedArm(within, arm, letterOf(i), asked.set))
  const scenario: Scenario = { ...within, typed: typedOf(one, words), asked, arms: [...arms, ...changed], controls }
  for (const arm of [...scenario.arms, ...controls]) checkPlan(planned(scenario, arm))
  return scenario
}

/** With the user's worker. A control is a mistake in ours. */
function withOwn(one: Scenario, own: NonNullable<Asked['own']>): Scenario {
  if (one.takes !== 'command')
    throw new LabError(
      'BAD_SETTING',
      `--command: expected a scenario that tries a worker, got ${one.name}\nLike this: npm run scenario -- worker-contract --command ${shellWord(own.command)}`,
    )
  return { ...one, arms: one.arms.map(arm => ({ ...arm, with: { ...arm.with, ...own } })), controls: [] }
}

/** Those of the scenario's file: found before the first lab starts. */
function refuseOwnMistakes(one: Scenario): void {
  for (const [role, arm] of [...one.arms.map(each => ['arm', each] as const), ...one.controls.map(each => ['control', each] as const)]) {
    try {
      checkPlan(planned(one, arm))
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      const where = `scenarios/${one.name}.scenario.ts, ${role} ${JSON.stringify(arm.name)}`
      throw new LabError(error.code, `${where}: ${error.message}`, { cause: error })
    }
  }
}

const planned = (scenario: Scenario, arm: Arm<object>): LabPlan => {
  const { quick } = scenario.sizes
  return { ...DEFAULT_PLAN, ...planOf(scenario, arm, { ...quick, ...arm.with }, 1, undefined) }
}

/** The same arm with the user's values. What makes a control is left out. */
function changedArm(scenario: Scenario, arm: Arm<object>, letter: string, set: readonly string[]): Arm<object> {
  const { breaks: _, mayBreak: __, because: ___, ...same } = { breaks: '', mayBreak: [], because: '', ...arm }
  const before = planned(scenario, { ...arm, set: {}, partSettings: {} })
  const plan = set.reduce(withSetting, { ...before, settings: { ...arm.set }, partSettings: { ...arm.partSettings } })
  if (JSON.stringify(plan.gpus) !== JSON.stringify(before.gpus))
    throw new LabError(
      'BAD_SETTING',
      `--set gpuProfile: expected --gpus or --gpu for another card\nLike this: npm run scenario -- ${scenario.name} --gpus rtx-4090,rtx-3060`,
    )
  return { ...same, name: `${letter} with ${set.join(', ')}`, set: plan.settings, partSettings: plan.partSettings, changed: [...set] }
}

interface Named {
  arm: Arm<object>
  letter: string
}

/** By letter, by name, or by a part of one name. */
function armOf(named: readonly Named[], text: string, scenario: string): Named {
  const wanted = text.toLowerCase()
  const exact = named.find(({ arm, letter }) => letter.toLowerCase() === wanted || arm.name.toLowerCase() === wanted)
  const like = named.filter(({ arm }) => arm.name.toLowerCase().includes(wanted))
  const found = exact ?? (like.length === 1 ? like[0] : undefined)
  if (found !== undefined && wanted !== '') return found
  const all = named.map(({ arm, letter }) => `  ${letter}  ${arm.name}`).join('\n')
  throw new LabError(
    'UNKNOWN_ARM',
    `--arm: expected a letter or a name of one arm of ${scenario}, got ${JSON.stringify(text)}\n${all}\nLike this: npm run scenario -- ${scenario} --arm A`,
  )
}

/** The words that repeat it. */
function typedOf({ typed, name }: Scenario, { set, arms, gpus, gpu, own }: Asked): string {
  const flags = [
    ...(own === undefined ? [] : [['--command', own.command]]),
    ...arms.map(arm => ['--arm', arm]),
    ...(gpus.length === 0 ? [] : [['--gpus', gpus.join(',')]]),
    ...gpu.map(each => ['--gpu', each]),
    ...set.map(each => ['--set', each]),
  ]
  return [typed ?? name, ...flags.map(([flag, value = '']) => `${flag} ${shellWord(value)}`)].join(' ')
}
