import type { PeerSample } from '#evidence/peers-document'
import { foreignPercentOf } from '../../scenarios/lab/runtime/machine-load.ts'
import type { CrowdPlan, LoadPiece, Measured } from './client/crowd.ts'
import type { ClientCall } from './client/main.ts'
import { PeerProcess } from './process-pool.ts'
import type { OpenSystem } from './systems.ts'
import { byKind, lookAt } from './usage.ts'

/** A chat system, and the client that drives it. */
export interface ChatUnderLoad {
  open: OpenSystem
  client: PeerProcess
}

/** Logs the users in, and connects them. @returns how long the connecting took */
export async function crowdOn(
  { dialect, nodes, secret }: OpenSystem,
  { users, bodyBytes }: Pick<CrowdPlan, 'users' | 'bodyBytes'>,
  closing: AsyncDisposableStack,
  onLoggedIn: (client: PeerProcess) => void = () => undefined,
): Promise<{ client: PeerProcess; tookMs: number }> {
  const client = closing.use(new PeerProcess('client/main.ts'))
  const connect = { kind: 'connect', plan: { dialect, nodes, users, bodyBytes }, secret } satisfies ClientCall
  return { client, ...((await client.call(connect, () => onLoggedIn(client))) as { tookMs: number }) }
}

/** One piece of load, seen from outside: what was delivered, and what each kind of part used. */
export async function chatPiece(
  { open, client }: ChatUnderLoad,
  asked: Omit<LoadPiece, 'confirmed'>,
  repetition: number,
): Promise<PeerSample> {
  const look = () => lookAt(open.used(), client.cpuMs)
  const looks: ReturnType<typeof look>[] = []
  const { outstanding, ratePerSecond, warmUpMs, forMs, inTurn = false } = asked
  const run = { kind: 'run', outstanding, ratePerSecond, warmUpMs, forMs, inTurn, confirmed: open.confirms } satisfies ClientCall
  const measured = (await client.call(run, () => looks.push(look()))) as Measured
  const [before, after] = looks
  if (before === undefined || after === undefined) throw new Error('the client did not say when it measured')
  const cpu = after.used.map((used, i) => ({ ...used, cpuMs: used.cpuMs - (before.used[i]?.cpuMs ?? 0) }))
  const clientMs = after.clientMs - before.clientMs
  const { delivered, latencyMs, lateMs, sent, stored, lost, duplicates, reordered } = measured
  const us = (ms: number) => (ms * 1_000) / delivered
  return {
    repetition,
    perSecond: (delivered * 1_000) / measured.forMs,
    p50Ms: latencyMs.p50,
    p99Ms: latencyMs.p99,
    cpuUs: Object.fromEntries(Object.entries(byKind(cpu, 'cpuMs')).map(([kind, ms]) => [kind, us(ms)])),
    generatorUs: us(clientMs),
    foreignPercent: foreignPercentOf(before, after),
    rssMiB: byKind(cpu, 'rssMiB'),
    sent,
    stored,
    lost,
    duplicates,
    reordered,
    lateP99Ms: lateMs.p99,
  }
}
