import { type JudgedArm, judgeRun, type Role, type RunVerdict } from '#evidence/judge'
import { endOf } from '#evidence/verdict'
import { LabError } from '../lab/errors.ts'
import type { Lab } from '../lab/lab.ts'
import { type AskedBroker, plannedBroker } from '../lab/own-broker/asked.ts'
import { hasBroker } from '../lab/plan.ts'
import { ModelTap } from '../lab/real-model/tap.ts'
import { hostAddress, startLab } from '../lab/runtime/open.ts'
import type { RuntimeName } from '../lab/runtime/types.ts'
import { planOf, type ScenarioModel } from './arm-plan.ts'
import type { Arm, Control, Scenario, Size } from './definition.ts'
import { type ArmOutcome, type ArmRun, type ArmSetUp, isOfCommand, neverRan, runArm } from './run-arm.ts'

/** Runs a scenario: one broker and database; each arm has a fresh space and services. */

export interface RunOptions {
  seed: number
  size: Size
  signal: AbortSignal
  /** Default: that of the lab's tests. */
  runtime?: RuntimeName | undefined
  broker?: AskedBroker | undefined
  /** For a scenario that needs one. */
  modelServer?: ScenarioModel | undefined
  /** Told when an arm begins and ends, and of what went wrong beside it. */
  onArm?: (arm: string, event: 'starting' | 'running' | 'trouble', detail: string) => void
  onJudged?: (arm: JudgedArm) => void
  onLook?: ArmSetUp['onLook']
  /** The controls run before the claim. Default: after it. */
  controlsFirst?: boolean | undefined
  /** An arm had an unexpected verdict. @returns true = keep the lab, run no further arm. */
  onTrouble?: (arm: string, lab: Lab) => Promise<boolean>
  /** Default: a private lab. */
  start?: typeof startLab
}

/** A scenario that cannot run without one. */
export class NeedsModelServer extends Error {
  readonly code = 'NEEDS_MODEL_SERVER'

  constructor(scenario: string) {
    super(`${scenario} needs a real model server.\nLike this: npm run scenario -- ${scenario} --ollama http://127.0.0.1:11434`)
  }
}

export interface ScenarioRun {
  scenario: Scenario
  seed: number
  size: Size
  runtime: string
  broker: AskedBroker
  modelServer: { url: string; model: string } | undefined
  versions: { broker: string; database: string }
  verdict: RunVerdict
  arms: ArmRun[]
  tookMs: number
}

/** Throws NEEDS_MODEL_SERVER, start failures and interrupts; other errors make one arm unknown. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioRun> {
  const {
    seed,
    size,
    signal,
    runtime,
    broker = {},
    modelServer,
    onArm = () => undefined,
    onJudged = () => undefined,
    onLook,
    controlsFirst,
    onTrouble,
    start = startLab,
  } = options
  const startedMs = performance.now()
  const arms: { arm: Arm<object> | Control<object>; role: Role }[] = [
    ...scenario.arms.filter(({ changed }) => changed === undefined).map(arm => ({ arm, role: 'claim' as const })),
    ...scenario.controls.map(arm => ({ arm, role: 'control' as const })),
    ...scenario.arms.filter(({ changed }) => changed !== undefined).map(arm => ({ arm, role: 'claim' as const })),
  ]
  if (controlsFirst) arms.sort((a, b) => Number(a.role === 'claim') - Number(b.role === 'claim'))
  if (scenario.needs !== undefined && modelServer === undefined) throw new NeedsModelServer(scenario.name)
  const asked = scenario.needs === undefined ? undefined : modelServer
  if (asked?.reasoningTokens === Number.POSITIVE_INFINITY) throw reasonsOn(asked)
  await using tap = asked === undefined ? undefined : await ModelTap.open(asked, await hostAddress(runtime))
  const server = tap === undefined || asked === undefined ? undefined : { ...asked, url: tap.url }
  const runs: ArmRun[] = []
  const shared = new Map<string, number>()
  let versions = { broker: '', database: '' }
  let ranOn = ''
  let lab: Lab | undefined
  let kept = false
  /** What it leaves behind when that fails is cleared by the next lab that starts. */
  const clear = async (arm: string) => {
    await lab?.down().catch((error: unknown) => onArm(arm, 'trouble', `its lab could not be removed: ${String(error)}`))
    lab = undefined
  }
  try {
    for (const { arm, role } of arms) {
      signal.throwIfAborted()
      const armStartedMs = performance.now()
      const parameters = { ...scenario.sizes[size], ...arm.with }
      const wanted = arm.broker === undefined ? broker : { ...broker, generation: arm.broker }
      const plan = { ...planOf(scenario, arm, parameters, seed, server), ...plannedBroker(wanted) }
      const setUp = { arm, role, parameters, plan, seed, shared, signal, tap, onLook }
      onArm(arm.name, 'starting', '')
      let run: ArmOutcome
      let own = ''
      try {
        // A lab has one broker.
        if (lab !== undefined && !hasBroker(lab.plan, plan)) await clear(arm.name)
        if (lab === undefined)
          lab = await start(plan, {
            signal,
            spaces: arms.length,
            brokerPassword: broker.own?.password,
            ...(runtime === undefined ? {} : { runtime }),
          })
        else await lab.renew(plan, signal)
        ranOn = lab.runtime
        versions = await lab.versions()
        own = versions.broker
        onArm(arm.name, 'running', '')
        run = await runArm(lab, scenario, setUp)
      } catch (error) {
        if ((runs.length === 0 && lab === undefined) || isOfCommand(error)) throw error
        run = neverRan(scenario, setUp, error)
      }
      runs.push({ ...run, broker: own, tookMs: performance.now() - armStartedMs })
      onJudged(run.judged)
      if (run.judged.verdict === 'pass' || run.judged.verdict === 'broke') continue
      const end = endOf({ ...run.facts, events: run.history })
      if (end?.ended === 'error') onArm(arm.name, 'trouble', end.lastSeen)
      if (lab !== undefined && onTrouble !== undefined) {
        kept = await onTrouble(arm.name, lab).catch((error: unknown) => {
          onArm(arm.name, 'trouble', String(error))
          return false
        })
      }
      if (kept) break
      // Nobody knows in which state an error left it: the next arm has a lab of its own.
      if (end?.ended === 'error') await clear(arm.name)
    }
    return {
      scenario,
      seed,
      size,
      runtime: ranOn,
      broker,
      modelServer: asked === undefined ? undefined : { url: asked.url, model: asked.model },
      versions: { ...versions, broker: [...new Set(runs.map(run => run.broker).filter(one => one !== ''))].join(', ') },
      verdict: judgeRun(runs.map(run => run.judged)),
      arms: runs,
      tookMs: performance.now() - startedMs,
    }
  } finally {
    if (!kept) await clear(runs.at(-1)?.arm.name ?? '')
  }
}

function reasonsOn({ url, model }: ScenarioModel): LabError {
  return new LabError(
    'MODEL_REASONS_ON',
    `${model} on ${url} still reasons at every cap tried, so no answer can be judged: unknown.\nTake another model: --model NAME`,
  )
}
