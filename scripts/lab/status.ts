import { resolveSettings } from '#contracts/settings'
import { attachLab, type Lab, type PartStatus } from '#lab'
import { tableText } from '../../services/terminal/table.ts'

/** What `lab:status -- --json` prints. Keys are stable; more may be added. */
export interface StatusDocument {
  schemaVersion: 1
  lab: { name: string; runtime: string; design: string; seed: number }
  parts: Pick<PartStatus, 'name' | 'kind' | 'state' | 'missing' | 'urls' | 'uptimeSeconds' | 'restarts' | 'rssMiB'>[]
  /** `ready` by passive declare; `unacked` as the workers report it; null where the broker does not answer. */
  queues: { name: string; ready: number | null; unacked: number; consumers: number | null }[]
}

export async function statusDocument(lab: Lab): Promise<StatusDocument> {
  const { design, seed } = resolveSettings(lab.plan.settings)
  const parts = await lab.status()
  const brokerReady = parts.some(part => part.kind === 'broker' && part.state === 'ready')
  const held = await lab.held()
  const queues = await Promise.all(
    lab.queues.map(async name => {
      const count = brokerReady ? await lab.queue(name) : undefined
      const unacked = held.reduce((sum, worker) => sum + (worker.queues[name]?.held ?? 0), 0)
      return { name, ready: count?.ready ?? null, unacked, consumers: count?.consumers ?? null }
    }),
  )
  return {
    schemaVersion: 1,
    lab: { name: lab.name, runtime: lab.runtime, design, seed },
    parts: parts.map(({ name, kind, state, missing, urls, uptimeSeconds, restarts, rssMiB }) => ({
      name,
      kind,
      state,
      missing,
      urls,
      uptimeSeconds,
      restarts,
      rssMiB,
    })),
    queues,
  }
}

export async function status({ name, json }: { name?: string; json?: boolean }): Promise<void> {
  await using lab = await attachLab(name)
  const document = await statusDocument(lab)
  if (json === true) console.log(JSON.stringify(document, undefined, 2))
  else printStatus(document)
}

const WORDS: Record<string, string> = { http: 'API' }

/** Where there are several, each with what it is. */
export function addresses(urls: Readonly<Record<string, string>>): string {
  const all = Object.entries(urls)
  return all.map(([name, url]) => (all.length === 1 ? url : `${WORDS[name] ?? name} ${url}`)).join('  ')
}

export function printStatus({ lab, parts, queues }: StatusDocument): void {
  console.log(`lab ${lab.name}: design ${lab.design}, runtime ${lab.runtime}, seed ${lab.seed}\n`)
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY
  const partRows = parts.map(part => {
    const state = part.missing.length === 0 ? part.state : `${part.state}: ${part.missing.join(', ')}`
    const up = part.uptimeSeconds === 0 ? '-' : `${Math.round(part.uptimeSeconds)} s`
    return [part.name, state, up, String(part.restarts), `${part.rssMiB} MiB`, addresses(part.urls)]
  })
  console.log(`${tableText([['part', 'state', 'up', 'starts again', 'memory', 'address'], ...partRows], { columns })}\n`)
  const counts = queues.map(({ name, ready, unacked, consumers }) => [name, `${ready ?? '?'}`, `${unacked}`, `${consumers ?? '?'}`])
  console.log(`${tableText([['queue', 'ready', 'held by workers', 'consumers'], ...counts], { columns })}\n`)
}
