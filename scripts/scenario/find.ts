import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ArmParameters, MATRIX } from '#evidence/matrix'
import type { RunDocument } from '#evidence/run-document'
import { asAsked, type Scenario } from '#experiment'
import type { BrokerGeneration } from '#lab'
import { across } from '../../scenarios/experiment/across.ts'
import { proofOf } from '../../scenarios/experiment/calibrate/proof.ts'
import { HourParameters, hourOf } from '../../scenarios/experiment/hour/real.ts'
import { matrixOf } from '../../scenarios/experiment/matrix.ts'
import { ReplayParameters, replayOf } from '../../scenarios/experiment/replay/replay.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'scenarios')
const SUFFIX = '.scenario.ts'

export async function scenarioNames(): Promise<string[]> {
  const files = await readdir(FOLDER)
  return files
    .filter(file => file.endsWith(SUFFIX))
    .map(file => file.slice(0, -SUFFIX.length))
    .sort()
}

export class UnknownScenario extends Error {
  readonly code = 'UNKNOWN_SCENARIO'
}

/** Throws UnknownScenario with the names that there are. */
export async function loadScenario(name: string): Promise<Scenario> {
  const names = await scenarioNames()
  if (!names.includes(name))
    throw new UnknownScenario(
      `expected one of ${names.join(', ')}, got ${JSON.stringify(name)}\nLike this: npm run scenario -- ${names[0]}`,
    )
  const { default: scenario } = (await import(join(FOLDER, `${name}${SUFFIX}`))) as { default: Scenario }
  return scenario
}

/** A scenario on each generation of RabbitMQ. `nack-requeue` has an experiment of its own. */
export function onBrokers(one: Scenario, generations?: readonly BrokerGeneration[]): Scenario {
  return one.name === 'nack-requeue' ? matrixOf(generations) : across(one, generations)
}

/** A stored run's scenario, or the experiment of another command. Throws UnknownScenario. */
export async function judgeOf({ scenario, arms, asked }: Pick<RunDocument, 'scenario' | 'arms' | 'asked'>): Promise<Scenario> {
  const [arm] = arms
  if (scenario === 'replay' && arm !== undefined) return replayOf(ReplayParameters.parse(arm.parameters))
  if (scenario === MATRIX) return matrixOf([...new Set(arms.map(({ parameters }) => ArmParameters.parse(parameters).generation))])
  if (scenario === 'demo' && arm !== undefined) return hourOf(HourParameters.parse(arm.parameters), 60, () => undefined)
  if (scenario === 'calibrate') return proofOf()
  const named = await loadScenario(scenario)
  const one = asked === undefined ? named : asAsked(named, asked)
  const generations = [...new Set(arms.flatMap(({ generation }) => generation ?? []))]
  return generations.length === 0 ? one : across(one, generations)
}
