import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { didYouMean, nearest } from '#contracts/nearest'
import { ArmParameters, MATRIX } from '#evidence/matrix'
import type { RunDocument } from '#evidence/run-document'
import { asAsked, type Scenario } from '#experiment'
import { type BrokerGeneration, LabError } from '#lab'
import { across } from '../../scenarios/experiment/across.ts'
import { proofOf } from '../../scenarios/experiment/calibrate/proof.ts'
import { HourParameters, hourOf } from '../../scenarios/experiment/hour/real.ts'
import { matrixOf } from '../../scenarios/experiment/matrix.ts'
import { ReplayParameters, replayOf } from '../../scenarios/experiment/replay/replay.ts'
import { machineTrouble } from '../setup/trouble.mjs'

const FOLDER = join(import.meta.dirname, '..', '..', 'scenarios')
const SUFFIX = '.scenario.ts'
/** Of a stack: place, code and message. */
const ERROR_LINES = 6

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

/** Throws UnknownScenario, or BAD_SCENARIO where its file has a mistake. */
export async function loadScenario(name: string): Promise<Scenario> {
  const names = await scenarioNames()
  if (!names.includes(name)) throw await unknownScenario(name)
  const file = await importOf(join(FOLDER, `${name}${SUFFIX}`)).catch((error: unknown) => Promise.reject(inItsFile(name, error)))
  if (file.default === undefined)
    throw new LabError('BAD_SCENARIO', `scenarios/${name}${SUFFIX}: expected \`export default scenario('${name}', …)\`, got none`)
  return file.default
}

const importOf = (path: string) => import(path) as Promise<{ default?: Scenario }>

/** @param name as typed; undefined where none was */
export async function unknownScenario(name?: string): Promise<UnknownScenario> {
  const names = await scenarioNames()
  const [first = 'offline-backlog'] = name === undefined ? [] : nearest(name, names)
  const got = name === undefined ? 'none' : `${JSON.stringify(name)}.${didYouMean(name, names)}`
  return new UnknownScenario(
    `expected the name of a scenario${name === undefined ? ', or --all' : ''}, got ${got}\nThere are: ${names.join(', ')}\nTheir claims: npm run scenario -- --list\nLike this: npm run scenario -- ${first}`,
  )
}

/** An error of a scenario's file is its author's, and no bug of the lab. */
function inItsFile(name: string, error: unknown): unknown {
  if (error instanceof LabError || machineTrouble(error) !== undefined) return error
  const said = error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, ERROR_LINES).join('\n') : String(error)
  return new LabError('BAD_SCENARIO', `scenarios/${name}${SUFFIX} cannot be loaded:\n${said}\nSee its types: npm run check`, {
    cause: error,
  })
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
