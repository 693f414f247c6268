import { didYouMean } from '#contracts/nearest'
import type { SettingsInput } from '#contracts/settings'
import type { Asked } from '#evidence/asked'
import type { Check } from '#evidence/verdict'
import { LabError } from '../lab/errors.ts'
import type { BrokerGeneration, LabPlan } from '../lab/plan.ts'
import type { ArmLab } from './arm-lab.ts'

/** The words of a scenario: claim, arms, and checks of each arm's history. */

export type Size = 'quick' | 'full'

/** One configuration. All arms run the same script and differ only in these values. */
export interface Arm<P> {
  /** What reports call it. Unique in the scenario. */
  name: string
  /** Generation of RabbitMQ. Default: that of the run. */
  broker?: BrokerGeneration
  /** Settings over the scenario's; `design: 'article'` changes many at once. */
  set?: SettingsInput
  /** Settings of single parts, by the name of the part. */
  partSettings?: Record<string, SettingsInput>
  /** Parameters of the script that differ from those of `sizes`. */
  with?: Partial<P>
  /** Names of the checks that judge this arm. Default: all. */
  judgedBy?: readonly string[]
  /** `NAME=VALUE` each, where a user changed it: judged as a claim, and no control. */
  changed?: readonly string[]
}

/** An arm that must break: it proves that the check can fail and that the setting matters. */
export interface Control<P> extends Arm<P> {
  /** Name of the check that must fail, with a witness. */
  breaks: string
  /** Other checks that may fail with it. Any further failure makes the control unknown. */
  mayBreak?: readonly string[]
  /** Why it breaks, in words that follow *because*. */
  because: string
  /** For an arm that never comes to rest: the condition that ends it, which is then its witness. */
  endsWhen?: { what: string; holds: (lab: ArmLab) => Promise<boolean> }
}

export interface ScenarioSpec<P extends object> {
  /** What must hold, in words that a newcomer reads. */
  claim: string
  /** The command that runs it again. Default: `npm run scenario` with its name. */
  command?: string
  /** The words after `npm run scenario --` that run it. Default: its name. */
  typed?: string
  /** GPUs that its claim holds for: its script and limits name none. Default: its own only. */
  gpus?: 'any' | 'unequal'
  /** It needs a real model server (`--ollama URL`), which replaces the simulated GPUs. */
  needs?: 'model-server'
  /** It tries a worker of somebody's own: parameter `command`, a line for a shell in `folder`.
   *  `--command` puts another in the place of its own, without controls. Native runtime only. */
  takes?: 'command'
  /** Its script stops the broker: it is skipped on one that is not the lab's. */
  restartsBroker?: true
  /** Parameters of the script: `quick` for every day, `full` for a proof. `--size` picks one. */
  sizes: Record<Size, P>
  /** Parts and settings that differ from the default plan. May depend on the parameters. */
  plan?: Partial<LabPlan> | ((parameters: P) => Partial<LabPlan>)
  /** Arms in which the claim must hold. Default: one, called `claim`, with nothing changed. */
  arms?: readonly Arm<P>[]
  /** Arms that must break: they prove that the checks can fail. */
  controls: readonly Control<P>[]
  /** The script. It ends with `lab.quiescent`; an error that it throws makes the arm unknown. */
  run(lab: ArmLab, parameters: P): Promise<void>
  /** What judges the history of each arm. */
  checks: readonly Check[]
}

export interface Scenario<P extends object = object> extends ScenarioSpec<P> {
  name: string
  /** What somebody asked for beyond its own arms. */
  asked?: Asked
  arms: readonly Arm<P>[]
}

export function checksOf({ checks }: Pick<Scenario, 'checks'>, arm: Pick<Arm<object>, 'judgedBy'> | undefined): Check[] {
  return checks.filter(check => arm?.judgedBy?.includes(check.name) ?? true)
}

/** Defines a scenario; a file `NAME.scenario.ts` exports one by default. Throws BAD_SCENARIO. */
export function scenario<P extends object>(name: string, spec: ScenarioSpec<P>): Scenario<P> {
  const known = spec.checks.map(check => check.name)
  const wanted = [
    ...spec.controls.flatMap(control => [
      { key: 'breaks', check: control.breaks },
      ...(control.mayBreak ?? []).map(check => ({ key: 'mayBreak', check })),
    ]),
    ...[...(spec.arms ?? []), ...spec.controls].flatMap(arm => (arm.judgedBy ?? []).map(check => ({ key: 'judgedBy', check }))),
  ]
  const lost = wanted.find(({ check }) => !known.includes(check))
  if (lost !== undefined)
    throw new LabError(
      'BAD_SCENARIO',
      `scenarios/${name}.scenario.ts: ${lost.key}: expected one of its checks, got ${JSON.stringify(lost.check)}.${didYouMean(lost.check, known)}\nIts checks: ${known.join(', ')}\nAnother check goes into \`checks\` first: scenarios/REFERENCE.md#checks`,
    )
  return { ...spec, name, arms: spec.arms ?? [{ name: 'claim' }] }
}
