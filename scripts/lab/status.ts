import { gpuProfile } from '#contracts/gpu-profiles'
import { resolveSettings } from '#contracts/settings'
import { attachLab, type Lab, type LabPlan, type PartStatus, settingsOf, withoutCredentials } from '#lab'
import { heldTasks } from '../../scenarios/experiment/held.ts'
import { tableText, terminalColumns } from '../../services/terminal/table.ts'

interface PartMakeup {
  /** Of a simulated GPU: the profile's name. */
  gpuProfile?: string
  /** Of a worker. 0 = unlimited. */
  prefetchTasks?: number
  /** Of a worker: the GPU that it asks. */
  gpu?: string
  /** Of a worker that asks a real model server: its address. */
  modelServer?: string
}

interface WorkerRow {
  name: string
  gpu: string
  /** 0 = unlimited. */
  prefetchTasks: number
  slots: number
  held: number | null
  /** Of these: being inferred. */
  running: number | null
  /** How long it has held the oldest; null where it holds none. */
  oldestMs: number | null
}

/** What `lab:status -- --json` prints. Keys are stable; more may be added. */
export interface StatusDocument {
  schemaVersion: 1
  lab: { name: string; runtime: string; design: string; seed: number; timeScale: number }
  /** Where the lab runs no broker itself. */
  ownBroker?: { url: string; virtualHost: string }
  parts: (Pick<PartStatus, 'name' | 'kind' | 'state' | 'missing' | 'urls' | 'uptimeSeconds' | 'restarts' | 'rssMiB'> & PartMakeup)[]
  /** What each worker holds unacknowledged; null for one that does not answer. */
  workers: WorkerRow[]
  /** `ready` by passive declare, `unacked` by the workers; null if the broker is silent. */
  queues: { name: string; ready: number | null; unacked: number; consumers: number | null }[]
}

export async function statusDocument(lab: Lab): Promise<StatusDocument> {
  const { design, seed, timeScale } = resolveSettings(lab.plan.settings)
  const parts = await lab.status()
  const { ownBroker } = lab.plan
  const brokerReady = ownBroker !== undefined || parts.some(part => part.kind === 'broker' && part.state === 'ready')
  const held = await lab.held()
  const holding = heldTasks(held)
  const queues = await Promise.all(
    lab.queues.map(async name => {
      // Of one's own nobody knows whether it is up.
      const count = brokerReady ? await lab.queue(name).catch(() => undefined) : undefined
      const unacked = held.reduce((sum, worker) => sum + (worker.queues[name]?.held ?? 0), 0)
      return { name, ready: count?.ready ?? null, unacked, consumers: count?.consumers ?? null }
    }),
  )
  return {
    schemaVersion: 1,
    lab: { name: lab.name, runtime: lab.runtime, design, seed, timeScale },
    ...(ownBroker === undefined ? {} : { ownBroker: { url: ownBroker.url, virtualHost: virtualHostOf(lab) } }),
    parts: parts.map(({ name, kind, state, missing, urls, uptimeSeconds, restarts, rssMiB }) => {
      const seen = { name, kind, state, missing, urls, uptimeSeconds, restarts, rssMiB }
      return { ...seen, ...makeupOf(lab.plan, name) }
    }),
    workers: lab.plan.workers.map(({ name, gpu }) => {
      const { workerPrefetchTasks: prefetchTasks, workerSlots: slots } = settingsOf(lab.plan, name)
      const { held = null, running = null, oldestMs } = holding.get(name) ?? {}
      return { name, gpu, prefetchTasks, slots, held, running, oldestMs: oldestMs === undefined ? null : Math.round(oldestMs) }
    }),
    queues,
  }
}

const virtualHostOf = (lab: Lab) => decodeURIComponent(new URL(lab.serverUrls('lab').amqp).pathname.slice(1))

function makeupOf(plan: LabPlan, part: string): PartMakeup {
  const worker = plan.workers.find(({ name }) => name === part)
  if (worker !== undefined) {
    const url = plan.gpus.find(({ name }) => name === worker.gpu)?.url
    const server = url === undefined ? {} : { modelServer: withoutCredentials(url) }
    return { prefetchTasks: settingsOf(plan, part).workerPrefetchTasks, gpu: worker.gpu, ...server }
  }
  const isGpu = plan.gpus.some(({ name, url }) => name === part && url === undefined)
  return isGpu ? { gpuProfile: gpuProfile(settingsOf(plan, part).gpuProfile).name } : {}
}

export async function status({ name, json }: { name?: string; json?: boolean }): Promise<void> {
  await using lab = await attachLab(name)
  const document = await statusDocument(lab)
  if (json === true) console.log(JSON.stringify(document, undefined, 2))
  else printStatus(document)
}

const WORDS: Record<string, string> = { http: 'API' }

/** One a line; where there are several, each with what it is. */
export function addresses(urls: Readonly<Record<string, string>>): string {
  const all = Object.entries(urls)
  return all.map(([name, url]) => (all.length === 1 ? url : `${WORDS[name] ?? name} ${url}`)).join('\n')
}

/** `45 s`, `51 min`, `3.2 h`, `12 days`. */
export function uptime(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${Math.floor(seconds / 86_400)} days`
}

const makeupText = ({ gpuProfile: profile, gpu, modelServer }: PartMakeup) => profile ?? modelServer ?? gpu ?? ''

function workerCells({ name, prefetchTasks, slots, held, running, oldestMs }: WorkerRow): string[] {
  const prefetch = prefetchTasks === 0 ? 'unlimited' : String(prefetchTasks)
  const oldest = oldestMs === null ? '-' : uptime(oldestMs / 1_000)
  return [name, prefetch, String(slots), String(held ?? '?'), String(running ?? '?'), oldest]
}

export function printStatus({ lab, ownBroker, parts, workers, queues }: StatusDocument, width = terminalColumns(process.stdout)): void {
  const { name, design, runtime, seed, timeScale } = lab
  console.log(`lab ${name}: design ${design}, runtime ${runtime}, seed ${seed}, time scale ${timeScale}\n`)
  if (ownBroker !== undefined) console.log(`broker ${ownBroker.url}, virtual host ${ownBroker.virtualHost}\n`)
  const rows = parts.map(part => [
    part.name,
    part.missing.length === 0 ? part.state : `${part.state}: ${part.missing.join(', ')}`,
    makeupText(part),
    part.uptimeSeconds === 0 ? '-' : uptime(part.uptimeSeconds),
    String(part.restarts),
    `${part.rssMiB} MiB`,
  ])
  console.log(`${tableText([['part', 'state', 'set to', 'up', 'restarts', 'memory'], ...rows], { columns: width })}\n`)
  const reached = parts.map(part => [part.name, addresses(part.urls)]).filter(([, urls]) => urls !== '')
  console.log(`${tableText([['part', 'address'], ...reached], { columns: width })}\n`)
  const holding = workers.map(workerCells)
  console.log(`${tableText([['worker', 'prefetch', 'slots', 'holds', 'running', 'oldest held for'], ...holding], { columns: width })}\n`)
  const counts = queues.map(queue => [queue.name, String(queue.ready ?? '?'), String(queue.unacked), String(queue.consumers ?? '?')])
  console.log(`${tableText([['queue', 'ready', 'held by workers', 'consumers'], ...counts], { columns: width })}\n`)
}
