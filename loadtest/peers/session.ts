import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PeerSample, PeerSeries } from '#evidence/peers-document'
import type { Lab } from '#lab'
import { ownCpuMs, readMachine } from '../../scenarios/lab/runtime/machine-load.ts'
import type { LoadPiece, Measured } from './client/crowd.ts'
import type { ClientCall } from './client/main.ts'
import { PeerProcess } from './process-pool.ts'
import { type Ground, type OpenSystem, openSystem } from './systems.ts'
import type { Load, SystemName } from './targets.ts'
import { inTurn, type Turn } from './turns.ts'
import { byKind } from './usage.ts'

/** Pieces of load on chat systems, in turn: A B C, A B C. Each has its own nodes and client, which
 *  stay for all repetitions; the load of one meets the others idle. */

export interface PiecePlan {
  users: number
  bodyBytes: number
  repetitions: number
  /** Of systems that decide nothing. */
  repetitionsUngated: number
  warmUpMs: number
  forMs: number
  rows: number
}

export interface SeriesOptions {
  plan: PiecePlan
  ground: Ground
  signal: AbortSignal
  onPiece(load: Load, system: SystemName, sample: PeerSample): void
}

const PIECES: Readonly<Partial<Record<Load, Pick<LoadPiece, 'outstanding' | 'ratePerSecond'>>>> = {
  'closed-1000': { outstanding: 1_000, ratePerSecond: 0 },
  'closed-200': { outstanding: 200, ratePerSecond: 0 },
  'rows-1000': { outstanding: 1_000, ratePerSecond: 0 },
  'open-1000': { outstanding: 0, ratePerSecond: 1_000 },
  'open-5000': { outstanding: 0, ratePerSecond: 5_000 },
}

const FIRST_MS = 1_000

interface Running extends Turn {
  system: SystemName
  open: OpenSystem
  client: PeerProcess
}

export async function runSeries(
  load: Load,
  systems: readonly { system: SystemName; gated: boolean }[],
  { plan, ground, signal, onPiece }: SeriesOptions,
): Promise<PeerSeries[]> {
  await using closing = new AsyncDisposableStack()
  const running: Running[] = []
  for (const { system, gated } of systems) {
    signal.throwIfAborted()
    const open = await openSystem(system, ground, closing)
    const client = closing.use(new PeerProcess('client/main.ts'))
    const { users, bodyBytes } = plan
    const crowd = { dialect: open.dialect, nodes: open.nodes, users, bodyBytes }
    await client.call({ kind: 'connect', plan: crowd, secret: open.secret } satisfies ClientCall)
    running.push({ system, open, client, repetitions: gated ? plan.repetitions : plan.repetitionsUngated, samples: [] })
  }
  if (load === 'rows-1000') await fill(await ground.lab({}), plan.rows)
  // Once for nothing: code is compiled and pools are filled.
  for (const one of running) await piece(one, load, { ...plan, forMs: FIRST_MS }, 0)
  await inTurn(plan, running, async (one, repetition) => {
    signal.throwIfAborted()
    if (one.system === 'ours' && load !== 'rows-1000') await statement(await ground.lab({}), 'emptied.sql')
    const sample = await piece(one, load, plan, repetition)
    onPiece(load, one.system, sample)
    return sample
  })
  return running.map(({ system, samples }) => ({ system, load, samples }))
}

async function piece({ open, client }: Running, load: Load, plan: PiecePlan, repetition: number): Promise<PeerSample> {
  const look = () => ({ used: open.used(), clientMs: client.cpuMs, machine: readMachine(), ownMs: ownCpuMs() })
  const looks: ReturnType<typeof look>[] = []
  const { warmUpMs, forMs } = plan
  const asked = { outstanding: 0, ratePerSecond: 0, ...PIECES[load], warmUpMs, forMs, confirmed: open.confirms }
  const run = { kind: 'run', ...asked } satisfies ClientCall
  const measured = (await client.call(run, () => looks.push(look()))) as Measured
  const [before, after] = looks
  if (before === undefined || after === undefined) throw new Error('the client did not say when it measured')
  const cpu = after.used.map((used, i) => ({ ...used, cpuMs: used.cpuMs - (before.used[i]?.cpuMs ?? 0) }))
  const clientMs = after.clientMs - before.clientMs
  const { delivered, latencyMs, lateMs, sent, stored, lost, duplicates, reordered } = measured
  const us = (ms: number) => (ms * 1_000) / delivered
  const oursMs = cpu.reduce((sum, { cpuMs }) => sum + cpuMs, 0) + clientMs + after.ownMs - before.ownMs
  const foreignMs = after.machine.busyMs - before.machine.busyMs - oursMs
  return {
    repetition,
    perSecond: (delivered * 1_000) / measured.forMs,
    p50Ms: latencyMs.p50,
    p99Ms: latencyMs.p99,
    cpuUs: Object.fromEntries(Object.entries(byKind(cpu, 'cpuMs')).map(([kind, ms]) => [kind, us(ms)])),
    generatorUs: us(clientMs),
    foreignPercent: Math.max(0, (100 * foreignMs) / (after.machine.capacityMs - before.machine.capacityMs)),
    rssMiB: byKind(cpu, 'rssMiB'),
    sent,
    stored,
    lost,
    duplicates,
    reordered,
    lateP99Ms: lateMs.p99,
  }
}

async function statement(lab: Lab, file: string, values: unknown[] = []): Promise<void> {
  await lab.sql(await readFile(join(import.meta.dirname, file), 'utf8'), values)
}

/** A table as after a while; its plans and pages are settled before anything is measured. */
async function fill(lab: Lab, rows: number): Promise<void> {
  await statement(lab, 'emptied.sql')
  await statement(lab, 'rows.sql', [rows])
  await statement(lab, 'settled.sql')
}
