import { resolveSettings } from '#contracts/settings'
import { foreignCpu } from '#evidence/noise'
import { RUN_SCHEMA_VERSION, type RunDocument } from '#evidence/run-document'
import { shellWord } from '#evidence/typed'
import { type AskedBroker, DEFAULT_PLAN } from '#lab'
import type { ArmRun, ScenarioRun } from './index.ts'

/** From a run to what is written down of it. Pure. */

export interface Circumstances {
  startedAt: string
  node: string
  labVersion: string
  commit: RunDocument['commit']
  machine: RunDocument['machine']
}

export function runDocument(run: ScenarioRun, { startedAt, node, labVersion, commit, machine }: Circumstances): RunDocument {
  const { scenario, seed, size } = run
  return {
    schemaVersion: RUN_SCHEMA_VERSION,
    scenario: scenario.name,
    claim: scenario.claim,
    seed,
    size,
    runtime: run.runtime,
    verdict: run.verdict,
    startedAt,
    tookMs: Math.round(run.tookMs),
    command: scenario.command ?? `npm run scenario -- ${scenario.typed ?? scenario.name} --seed ${seed} --size ${size}${otherwise(run)}`,
    ...(scenario.asked === undefined ? {} : { asked: scenario.asked }),
    versions: { lab: labVersion, node, ...run.versions, ...seenBroker(run.broker) },
    commit,
    machine,
    arms: run.arms.map(arm => armDocument(arm, run)),
  }
}

/** Flags a repetition needs besides. */
function otherwise({ runtime, broker, modelServer }: ScenarioRun): string {
  const words = [
    runtime === 'compose' ? ' --runtime compose' : '',
    brokerWords(broker),
    modelServer === undefined ? '' : ` --ollama ${modelServer.url} --model ${modelServer.model}`,
  ]
  return words.join('')
}

/** One's own broker, as it was before the run. */
export function seenBroker({ own, seen }: AskedBroker): Pick<RunDocument['versions'], 'ownBroker'> {
  if (own === undefined || seen === undefined) return {}
  const { product, version, featureFlags } = seen
  return { ownBroker: { url: own.url, product, version, featureFlags } }
}

/** Without its password, which is asked for again. */
function brokerWords({ generation, own }: AskedBroker): string {
  if (own === undefined) return generation === undefined ? '' : ` --broker ${generation}`
  const { url, virtualHost, management, ca } = own
  const address = virtualHost === '/' ? url : `${url}/${encodeURIComponent(virtualHost)}`
  return ` --broker ${shellWord(address)} --management ${shellWord(management)}${ca === undefined ? '' : ` --ca ${shellWord(ca)}`}`
}

function armDocument(arm: ArmRun, { scenario }: ScenarioRun): RunDocument['arms'][number] {
  const { judged, history, plan } = arm
  const { mean, worst } = foreignCpu({ events: history })
  const expected = history.flatMap(event => (event.kind === 'expected' ? [event] : []))
  const node = resolveSettings(plan.settings)
  const control = scenario.controls.find(other => other.name === arm.arm.name)
  return {
    name: judged.name,
    role: judged.role,
    ...(arm.arm.changed === undefined ? {} : { changed: [...arm.arm.changed] }),
    verdict: judged.verdict,
    why: judged.why,
    ...(control === undefined ? {} : { breaks: control.breaks, mayBreak: [...(control.mayBreak ?? [])], because: control.because }),
    ...(arm.broker === '' ? {} : { broker: arm.broker }),
    ...(arm.arm.broker === undefined ? {} : { generation: arm.arm.broker }),
    set: { ...arm.arm.set },
    partSettings: { ...arm.arm.partSettings },
    parameters: { ...arm.parameters },
    gpus: (plan.gpus ?? DEFAULT_PLAN.gpus).map(({ name, profile, url }) => ({
      name,
      profile: url ?? profile,
      ...(url === undefined ? {} : { url }),
    })),
    timeScale: node.timeScale,
    taskQueueType: node.taskQueueType,
    facts: arm.facts,
    checks: judged.checks,
    measures: arm.measures,
    predicted: Object.fromEntries(expected.map(({ measure, value, low, high }) => [measure, { value, low, high }])),
    foreignCpuPercent: { mean, worst },
    events: history.length,
    tookMs: Math.round(arm.tookMs),
  }
}
