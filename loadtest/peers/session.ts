import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PeerSample, PeerSeries } from '#evidence/peers-document'
import type { Lab } from '#lab'
import type { LoadPiece } from './client/crowd.ts'
import { type ChatUnderLoad, chatPiece, crowdOn } from './piece.ts'
import { type Ground, openSystem } from './systems.ts'
import type { Load, SystemName } from './targets.ts'
import { inTurn, type Turn } from './turns.ts'

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

interface Running extends Turn<PeerSample>, ChatUnderLoad {
  system: SystemName
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
    const { client } = await crowdOn(open, plan, closing)
    running.push({ system, open, client, repetitions: gated ? plan.repetitions : plan.repetitionsUngated, samples: [] })
  }
  if (load === 'rows-1000') await fill(await ground.lab({}), plan.rows)
  // Once for nothing: code is compiled and pools are filled.
  const asked = { outstanding: 0, ratePerSecond: 0, ...PIECES[load], ...plan }
  for (const one of running) await chatPiece(one, { ...asked, forMs: FIRST_MS }, 0)
  await inTurn(plan, running, async (one, repetition) => {
    signal.throwIfAborted()
    if (one.system === 'ours' && load !== 'rows-1000') await statement(await ground.lab({}), 'emptied.sql')
    const sample = await chatPiece(one, asked, repetition)
    onPiece(load, one.system, sample)
    return sample
  })
  return running.map(({ system, samples }) => ({ system, load, samples }))
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
