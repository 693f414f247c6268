import { isDeepStrictEqual } from 'node:util'
import { gpuProfile, UnknownGpuProfile } from '#contracts/gpu-profiles'
import type { RequestHeaders } from '#contracts/model-server'
import { didYouMean } from '#contracts/nearest'
import { resolveSettings, type Settings, SettingsError, type SettingsInput, SHARED_SETTINGS } from '#contracts/settings'
import { brokersOf, refuseBrokers } from './brokers.ts'
import { LabError, ofLab } from './errors.ts'
import type { OwnBroker } from './own-broker/address.ts'
import { refuseBesideOwnBroker } from './own-broker/refuse.ts'

/** What a lab consists of, before anything runs. Pure. */

export type PartKind = 'broker' | 'database' | 'im-node' | 'gpu' | 'worker' | 'command' | 'console'

export interface GpuPlan {
  /** Of the part. A worker names it. */
  name: string
  /** A profile of `gpu-profiles.ts`; ignored when there is a `url`. */
  profile: string
  /** A model server that already runs, such as Ollama. The lab then starts none. */
  url?: string
  /** Headers of every request to `url`. Secret: only the lab's state and the worker have them. */
  headers?: RequestHeaders
  /** File of further certificates to trust. Native runtime only. */
  certificates?: string
}

/** Generations of RabbitMQ whose behaviour differs. */
export const BROKER_GENERATIONS = ['3.10', '4.0', '4.3'] as const
export type BrokerGeneration = (typeof BROKER_GENERATIONS)[number]

/** A worker of somebody's own. Native runtime only; a script starts it, `up` does not. */
export interface CommandPlan {
  /** Of the part. */
  name: string
  /** For `sh -c`. */
  line: string
  /** Where it runs. Absolute. */
  folder: string
  /** The GPU whose address it is given. */
  gpu: string
  /** Its `PREFETCH`. */
  prefetchTasks: number
}

export interface LabPlan {
  /** `3.10`, `4.0` or `4.3`. Default: the newest in containers, the installed one natively. */
  broker?: BrokerGeneration
  /** A broker that already runs. The lab then starts none. Native runtime only. */
  ownBroker?: OwnBroker
  /** Nodes of the broker, as one cluster: `broker-1` to `broker-3`. Default 1: `rabbitmq`. */
  brokers?: number
  /** The broker's management API too, for `inspect`. Containers always have it. */
  management?: boolean
  /** The live page. Default false; `lab:up` asks for it. Native only. */
  console?: boolean
  /** The broker listens with TLS besides, and its management API with TLS alone. Native only. */
  tls?: { certificate: string; key: string; authority: string }
  /** Default: `im-a`, `im-b`. */
  imNodes: string[]
  /** Default: `gpu-fast` (RTX 4090) and `gpu-slow` (RX 7650 GRE). */
  gpus: GpuPlan[]
  /** Each worker asks one GPU. Default: `worker-fast` and `worker-slow`. */
  workers: { name: string; gpu: string }[]
  /** Workers of somebody's own. Default: none. */
  commands?: CommandPlan[]
  /** Settings of all parts: `npm run settings` lists them. */
  settings: SettingsInput
  /** Settings of single parts, by name. They override `settings`. */
  partSettings: Record<string, SettingsInput>
}

export interface Part {
  name: string
  kind: PartKind
  /** Parts that must be ready first. */
  needs: string[]
}

/** Two IM nodes, and one worker beside each of two unequal GPUs: the article's system. */
export const DEFAULT_PLAN: LabPlan = {
  imNodes: ['im-a', 'im-b'],
  gpus: [
    { name: 'gpu-fast', profile: 'rtx-4090' },
    { name: 'gpu-slow', profile: 'rx-7650-gre' },
  ],
  workers: [
    { name: 'worker-fast', gpu: 'gpu-fast' },
    { name: 'worker-slow', gpu: 'gpu-slow' },
  ],
  settings: {},
  partSettings: {},
}

/** The parts in the order of a table. */
export function partsOf(plan: LabPlan): Part[] {
  const brokers = brokersOf(plan)
  const behind = [...brokers, 'postgres']
  const simulated = new Set(plan.gpus.filter(gpu => gpu.url === undefined).map(gpu => gpu.name))
  return [
    ...brokers.map((name): Part => ({ name, kind: 'broker', needs: [] })),
    { name: 'postgres', kind: 'database', needs: [] },
    ...plan.imNodes.map((name): Part => ({ name, kind: 'im-node', needs: behind })),
    ...plan.gpus.filter(gpu => simulated.has(gpu.name)).map(({ name }): Part => ({ name, kind: 'gpu', needs: [] })),
    // A worker whose model server is down is not ready; started together the two find each other.
    ...plan.workers.map(({ name }): Part => ({ name, kind: 'worker', needs: behind })),
    ...(plan.commands ?? []).map(({ name }): Part => ({ name, kind: 'command', needs: brokers })),
    ...(plan.console === true ? [{ name: 'console', kind: 'console', needs: [] } satisfies Part] : []),
  ]
}

/** The settings of one part, checked: those of the lab, then its own. */
export function settingsOf(plan: LabPlan, part: string): Settings {
  const gpu = plan.gpus.find(({ name }) => name === part)
  return resolveSettings({ ...plan.settings, ...(gpu === undefined ? {} : { gpuProfile: gpu.profile }), ...plan.partSettings[part] })
}

/** Groups of parts, as people type them. */
export const PART_GROUPS: Readonly<Record<string, PartKind>> = { workers: 'worker', nodes: 'im-node', gpus: 'gpu', brokers: 'broker' }

/** @param lab for the next command; default: none runs yet
 *  @param groups those that may stand in place of a part */
export function unknownPart(name: string, parts: readonly string[], lab?: string, groups: readonly string[] = []): LabError {
  const known = [...parts, ...groups]
  const more = groups.length === 0 ? '' : `\nGroups: ${groups.join(', ')}`
  const next = lab === undefined ? '' : `\nSee: npm run lab:status${ofLab(lab)}`
  return new LabError(
    'UNKNOWN_PART',
    `unknown part ${JSON.stringify(name)}.${didYouMean(name, known)}\nThe lab has ${parts.join(', ')}${more}${next}`,
  )
}

/** Refuses a plan that cannot run: BAD_SETTING, UNKNOWN_GPU_PROFILE, UNKNOWN_PART. */
export function checkPlan(plan: LabPlan): void {
  refuseBrokers(plan)
  const names = partsOf(plan).map(part => part.name)
  for (const name of Object.keys(plan.partSettings)) {
    if (!names.includes(name)) throw unknownPart(name, names)
  }
  try {
    for (const gpu of plan.gpus) if (gpu.url === undefined) gpuProfile(gpu.profile)
    for (const name of names) settingsOf(plan, name)
    refuseDifferences(plan)
    refuseUnheard(plan)
    refuseBesideOwnBroker(plan)
  } catch (error) {
    if (error instanceof SettingsError) throw new LabError('BAD_SETTING', error.message, { cause: error })
    if (error instanceof UnknownGpuProfile)
      throw new LabError('UNKNOWN_GPU_PROFILE', `${error.message}\nLike this: npm run lab:up -- --gpu gpu-slow=rtx-4090`, { cause: error })
    throw error
  }
}

/** Two parts that declare one queue differently never get ready: the broker refuses the second. */
function refuseDifferences(plan: LabPlan): void {
  const parts = partsOf(plan).filter(({ kind }) => kind === 'im-node' || kind === 'worker')
  for (const setting of SHARED_SETTINGS) {
    const byValue = Map.groupBy(parts, ({ name }) => String(settingsOf(plan, name)[setting]))
    if (byValue.size < 2) continue
    const seen = [...byValue].map(([value, own]) => `${value} (${own.map(({ name }) => name).join(', ')})`).join(' and ')
    throw new LabError(
      'BAD_SETTING',
      `${setting}: expected one value for all parts, got ${seen}\nSet it for all: npm run lab:up -- --set ${setting}=${[...byValue.keys()].at(-1)}`,
    )
  }
}

/** OpenAI's API has no field for it: the server would not hear of it. */
function refuseUnheard(plan: LabPlan): void {
  for (const { name } of plan.workers) {
    const { modelApi, contextTokens } = settingsOf(plan, name)
    if (modelApi === 'openai' && contextTokens > 0)
      throw new LabError(
        'BAD_SETTING',
        `contextTokens: expected 0 with modelApi=openai (${name}), got ${contextTokens}: the server sets its context at its start.\nvLLM: --max-model-len ${contextTokens}, llama.cpp: --ctx-size ${contextTokens}`,
      )
  }
}

/** Whether a running lab has the broker of a plan: it is configured once, at its start. */
export function hasBroker(running: LabPlan, asked: Partial<LabPlan>): boolean {
  const timeoutMs = (plan: LabPlan) => settingsOf(plan, brokersOf(plan)[0] ?? 'rabbitmq').consumerTimeoutMs
  return (
    isDeepStrictEqual([running.ownBroker, running.broker, brokersOf(running)], [asked.ownBroker, asked.broker, brokersOf(asked)]) &&
    timeoutMs(running) === timeoutMs({ ...DEFAULT_PLAN, ...asked })
  )
}

/** `NAME=VALUE` or `PART:NAME=VALUE`, as `--set` takes it, into the plan. */
export function withSetting(plan: LabPlan, given: string): LabPlan {
  const [, part, name = '', value = ''] = /^(?:([^:=]+):)?([^=]+)=(.*)$/s.exec(given) ?? []
  if (name === '')
    throw new LabError('BAD_SETTING', `--set: expected NAME=VALUE or PART:NAME=VALUE, got ${JSON.stringify(given)}\nSee: npm run settings`)
  // Names and values are judged by the schema, in checkPlan.
  const setting = { [name]: value } as SettingsInput
  // A card is a GPU's own, and stands where predictions and reports look for it.
  if (name === 'gpuProfile' && (part === undefined || plan.gpus.some(gpu => gpu.name === part)))
    return { ...plan, gpus: plan.gpus.map(gpu => (part === undefined || gpu.name === part ? { ...gpu, profile: value } : gpu)) }
  if (part === undefined) return { ...plan, settings: { ...plan.settings, ...setting } }
  return { ...plan, partSettings: { ...plan.partSettings, [part]: { ...plan.partSettings[part], ...setting } } }
}

/** What differs between two plans, in words; empty when they would give the same lab. */
export function differences(running: LabPlan, asked: LabPlan): string[] {
  const found: string[] = []
  if (asked.broker !== undefined && running.broker !== asked.broker)
    found.push(`broker: ${running.broker ?? 'the default'} (asked: ${asked.broker})`)
  if (!isDeepStrictEqual(asked.ownBroker, running.ownBroker))
    found.push(`broker: ${running.ownBroker?.url ?? "the lab's own"} (asked: ${asked.ownBroker?.url ?? "the lab's own"})`)
  if (asked.management === true && running.management !== true) found.push('management: off (asked: on)')
  const parts = (plan: LabPlan) => partsOf(plan).map(part => part.name)
  if (parts(running).join() !== parts(asked).join()) found.push(`parts: ${parts(running).join(', ')} (asked: ${parts(asked).join(', ')})`)
  for (const { name } of partsOf(asked)) {
    if (!parts(running).includes(name)) continue
    const [is, wanted] = [settingsOf(running, name), settingsOf(asked, name)]
    for (const key of Object.keys(wanted) as (keyof Settings)[]) {
      if (JSON.stringify(is[key]) === JSON.stringify(wanted[key])) continue
      const line = `${key}: ${JSON.stringify(is[key])} (asked: ${JSON.stringify(wanted[key])})`
      if (!found.includes(line) && key !== 'gpuProfile') found.push(line)
      else if (key === 'gpuProfile' && asked.gpus.some(gpu => gpu.name === name)) found.push(`${name} ${line}`)
    }
  }
  for (const gpu of asked.gpus) {
    const other = running.gpus.find(({ name }) => name === gpu.name)
    if (other?.url !== gpu.url) found.push(`${gpu.name}: ${other?.url ?? 'simulated'} (asked: ${gpu.url ?? 'simulated'})`)
    else if (!isDeepStrictEqual(other?.headers ?? {}, gpu.headers ?? {})) found.push(`${gpu.name}: other request headers`)
    else if (other?.certificates !== gpu.certificates)
      found.push(`${gpu.name}: certificates ${other?.certificates ?? 'none'} (asked: ${gpu.certificates ?? 'none'})`)
  }
  return found
}
