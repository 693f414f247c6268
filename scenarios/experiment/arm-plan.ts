import { resolveSettings, type SettingsInput } from '#contracts/settings'
import type { LabPlan } from '../lab/plan.ts'
import type { ModelAddress } from '../lab/real-model/address.ts'
import type { Manner } from '../lab/real-model/manner.ts'
import type { Arm, Scenario } from './definition.ts'

/** The lab of one arm: the scenario's plan, then what the arm changes. Pure. */

/** A real model server, one of its models, and how that has to be asked. */
export interface ScenarioModel extends ModelAddress, Manner {
  model: string
}

export function planOf(
  scenario: Pick<Scenario, 'plan'>,
  arm: Arm<object>,
  parameters: object,
  seed: number,
  server: ScenarioModel | undefined,
): Partial<LabPlan> {
  const plan = typeof scenario.plan === 'function' ? scenario.plan(parameters) : (scenario.plan ?? {})
  const partSettings = { ...plan.partSettings }
  for (const [part, settings] of Object.entries(arm.partSettings ?? {})) partSettings[part] = { ...partSettings[part], ...settings }
  const settings = {
    seed,
    gpuColdLoad: false,
    ...plan.settings,
    ...(server === undefined ? {} : askedOf(server, plan.settings)),
    ...arm.set,
  }
  return { ...plan, ...(server === undefined ? {} : beforeServer(server)), settings, partSettings }
}

/** One worker asks the model server, through the tap, which has its headers. */
function beforeServer(server: ScenarioModel): Partial<LabPlan> {
  return { gpus: [{ name: 'gpu-fast', profile: 'rtx-4090', url: server.url }], workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }] }
}

/** A reasoning model has its cap for the answer, and room for its reasoning besides. */
function askedOf({ model, think, reasoningTokens }: ScenarioModel, planned: SettingsInput = {}): SettingsInput {
  return {
    model,
    think: think === false ? 'false' : 'unset',
    ...(reasoningTokens === 0 ? {} : { answerTokensMax: resolveSettings(planned).answerTokensMax + reasoningTokens }),
  }
}
