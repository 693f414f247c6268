import type { HistoryEvent } from '../../checks/history.ts'
import { type JudgedArm, judgeArm, judgeRun, type Role, type RunVerdict } from '../../checks/judge.ts'
import { measuresOf } from '../../checks/schedule.ts'
import { LabError } from '../errors.ts'
import type { Lab } from '../lab.ts'
import type { BrokerGeneration, LabPlan } from '../plan.ts'
import { ModelTap } from '../real-model/tap.ts'
import { startLab } from '../runtime/open.ts'
import type { RuntimeName } from '../runtime/types.ts'
import { ArmLab } from './arm-lab.ts'
import { armFacts, dumpStores, readBackSettings } from './collect.ts'
import { type Arm, type Control, checksOf, type Scenario, type Size } from './definition.ts'
import { GpuLogs } from './gpu-logs.ts'
import { Recorder } from './recorder.ts'
import { Sampler } from './sampler.ts'

/** Runs a scenario: one broker and one database, and for each arm a virtual host, a database and fresh services. */

export interface RunOptions {
  seed: number
  size: Size
  signal: AbortSignal
  /** Default: that of the lab's tests. */
  runtime?: RuntimeName | undefined
  broker?: BrokerGeneration | undefined
  /** For a scenario that needs one. */
  modelServer?: { url: string; model: string } | undefined
  /** Told when an arm begins and ends. */
  onArm?: (arm: string, event: 'starting' | 'running' | 'ended', detail: string) => void
  /** An arm was not as it should be; the lab still stands. @returns true = leave it standing and run no further arm. */
  onTrouble?: (arm: string, lab: Lab) => Promise<boolean>
}

/** A scenario that cannot run without one. */
export class NeedsModelServer extends Error {
  readonly code = 'NEEDS_MODEL_SERVER'

  constructor(scenario: string) {
    super(`${scenario} needs a real model server.\nLike this: npm run scenario -- ${scenario} --ollama http://127.0.0.1:11434`)
  }
}

export interface ArmRun {
  arm: Arm<object>
  role: Role
  parameters: object
  plan: Partial<LabPlan>
  judged: JudgedArm
  history: HistoryEvent[]
  facts: ReturnType<typeof armFacts>
  measures: Record<string, number>
  tookMs: number
}

export interface ScenarioRun {
  scenario: Scenario
  seed: number
  size: Size
  runtime: string
  broker: BrokerGeneration | undefined
  modelServer: RunOptions['modelServer']
  versions: { broker: string; database: string }
  verdict: RunVerdict
  arms: ArmRun[]
  tookMs: number
}

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioRun> {
  const { seed, size, signal, runtime, broker, modelServer, onArm = () => undefined, onTrouble } = options
  const startedMs = performance.now()
  const arms: { arm: Arm<object> | Control<object>; role: Role }[] = [
    ...scenario.arms.map(arm => ({ arm, role: 'claim' as const })),
    ...scenario.controls.map(arm => ({ arm, role: 'control' as const })),
  ]
  let lab: Lab | undefined
  let versions = { broker: '', database: '' }
  let kept = false
  if (scenario.needs !== undefined && modelServer === undefined) throw new NeedsModelServer(scenario.name)
  await using tap = scenario.needs === undefined || modelServer === undefined ? undefined : await ModelTap.open(modelServer.url)
  const server = tap === undefined || modelServer === undefined ? undefined : { url: tap.url, model: modelServer.model }
  const runs: ArmRun[] = []
  const shared = new Map<string, number>()
  try {
    for (const { arm, role } of arms) {
      signal.throwIfAborted()
      const armStartedMs = performance.now()
      const parameters = { ...scenario.sizes[size], ...arm.with }
      const plan = { ...planOf(scenario, arm, parameters, seed, server), ...(broker === undefined ? {} : { broker }) }
      onArm(arm.name, 'starting', '')
      if (lab === undefined) lab = await startLab(plan, { signal, spaces: arms.length, ...(runtime === undefined ? {} : { runtime }) })
      else await lab.renew(plan, signal)
      versions = await lab.versions()
      onArm(arm.name, 'running', '')
      const run = await runArm(lab, scenario, arm, { role, parameters, plan, seed, shared, signal, tap })
      runs.push({ ...run, tookMs: performance.now() - armStartedMs })
      onArm(arm.name, 'ended', `${run.judged.verdict}: ${run.judged.detail}`)
      if (run.judged.verdict === 'pass' || run.judged.verdict === 'broke') continue
      kept = (await onTrouble?.(arm.name, lab)) ?? false
      if (kept) break
    }
    return {
      scenario,
      seed,
      size,
      runtime: lab?.runtime ?? '',
      broker,
      modelServer: scenario.needs === undefined ? undefined : modelServer,
      versions,
      verdict: judgeRun(runs.map(run => run.judged)),
      arms: runs,
      tookMs: performance.now() - startedMs,
    }
  } finally {
    if (!kept) await lab?.down()
  }
}

/** One worker asks the model server. */
function beforeServer(server: { url: string; model: string }): Partial<LabPlan> {
  return { gpus: [{ name: 'gpu-fast', profile: 'rtx-4090', url: server.url }], workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }] }
}

function planOf(
  scenario: Scenario,
  arm: Arm<object>,
  parameters: object,
  seed: number,
  server: { url: string; model: string } | undefined,
): Partial<LabPlan> {
  const plan = typeof scenario.plan === 'function' ? scenario.plan(parameters) : (scenario.plan ?? {})
  const partSettings = { ...plan.partSettings }
  for (const [part, settings] of Object.entries(arm.partSettings ?? {})) partSettings[part] = { ...partSettings[part], ...settings }
  const settings = { seed, gpuColdLoad: false, ...(server === undefined ? {} : { model: server.model }), ...plan.settings, ...arm.set }
  return { ...plan, ...(server === undefined ? {} : beforeServer(server)), settings, partSettings }
}

async function runArm(
  lab: Lab,
  scenario: Scenario,
  arm: Arm<object> | Control<object>,
  {
    role,
    parameters,
    plan,
    seed,
    shared,
    signal,
    tap,
  }: Pick<ArmRun, 'role' | 'parameters' | 'plan'> & {
    seed: number
    shared: Map<string, number>
    signal: AbortSignal
    tap: ModelTap | undefined
  },
): Promise<Omit<ArmRun, 'tookMs'>> {
  const recorder = new Recorder()
  const logs = new GpuLogs(lab, recorder)
  const facts = armFacts(lab.plan)
  {
    await using closing = new AsyncDisposableStack()
    await readBackSettings(lab, recorder)
    closing.use(new Sampler(lab, recorder))
    const armLab = new ArmLab({
      lab,
      recorder,
      logs,
      seed,
      shared,
      signal,
      keepsTexts: tap !== undefined,
      endsWhen: 'endsWhen' in arm ? arm.endsWhen : undefined,
      closing,
    })
    try {
      await scenario.run(armLab, parameters)
    } catch (error) {
      // A wait that ran out ends the arm; what was recorded until then is judged, and that it did not come to rest is part of it.
      signal.throwIfAborted()
      if (!(error instanceof LabError) || error.code !== 'TIMED_OUT') throw error
      recorder.record({ kind: 'rest', reached: false, ended: 'cut-short', lastSeen: error.message })
    }
    await logs.read()
    await dumpStores(lab, recorder)
  }
  for (const event of logs.events()) recorder.events.push(event)
  for (const { receivedAtMs, ...answer } of tap?.take() ?? [])
    recorder.record({ kind: 'reported', gpu: 'gpu-fast', ...answer }, recorder.fromHostMs(receivedAtMs))
  const history = { ...facts, events: recorder.events }
  const judged = judgeArm(history, checksOf(scenario, arm), {
    name: arm.name,
    role,
    ...('breaks' in arm ? { breaks: arm.breaks, mayBreak: arm.mayBreak } : {}),
  })
  return { arm, role, parameters, plan, judged, history: recorder.events, facts, measures: measuresOf(history) }
}
