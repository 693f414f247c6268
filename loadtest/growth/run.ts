import type { GrowthDocument, GrowthSample, GrowthSeries } from '#evidence/growth-document'
import { type Lab, type LabPlan, startLab } from '#lab'
import { chatPiece, crowdOn } from '../peers/piece.ts'
import { nodeNames } from '../peers/servers/process.ts'
import { hop, type OpenSystem, ourChat } from '../peers/systems.ts'
import { inTurn, type Turn } from '../peers/turns.ts'
import { backlogPiece, queueOn, TASKS_PER_SECOND } from './backlog.ts'
import { growthOf, growthVerdict } from './judge.ts'
import type { Axis, GrowthSystem } from './sizes.ts'

/** What a message costs as something grows: each size of an axis in turn, A B C, A B C. */

export interface GrowthOptions {
  axes: readonly Axis[]
  labPlan: LabPlan
  plan: Omit<GrowthDocument['plan'], 'tasksPerSecond'>
  signal: AbortSignal
  onPiece(axis: Axis['axis'], system: string, size: number, sample: GrowthSample): void
}

interface Running extends Turn<GrowthSample> {
  system: GrowthSystem
  size: number
  piece(repetition: number, forMs: number): Promise<GrowthSample>
}

/** People and bytes of a message, where they do not grow. */
const CHAT = { users: 200, bodyBytes: 200 }
const FIRST_MS = 1_000

export async function runGrowth(options: GrowthOptions): Promise<Pick<GrowthDocument, 'plan' | 'series' | 'verdict' | 'set' | 'versions'>> {
  const series: GrowthSeries[] = []
  let versions: Record<string, string> = {}
  for (const axis of options.axes) {
    // Each axis has the machine to itself.
    await using closing = new AsyncDisposableStack()
    const labs = new Map<string, Promise<Lab>>()
    const start = startingLabs(options, labs, closing)
    const running: Running[] = []
    for (const size of axis.sizes)
      for (const system of axis.systems) {
        options.signal.throwIfAborted()
        const piece = await pieceOf(axis, system, size, { ...options, start, closing })
        running.push({ system, size, piece, repetitions: options.plan.repetitions, samples: [] })
      }
    // Once for nothing: code is compiled and pools are filled.
    for (const one of running) await one.piece(0, FIRST_MS)
    await inTurn<GrowthSample, Running>(options.plan, running, async (one, repetition) => {
      options.signal.throwIfAborted()
      const sample = await one.piece(repetition, options.plan.forMs)
      options.onPiece(axis.axis, one.system, one.size, sample)
      return sample
    })
    for (const system of axis.systems) {
      const points = running.filter(one => one.system === system).map(({ size, samples }) => ({ size, samples }))
      series.push({ axis: axis.axis, system, points, growth: growthOf(points) })
    }
    const [lab] = labs.values()
    versions = { ...(await (await lab)?.versions()) }
  }
  const plan = { ...options.plan, tasksPerSecond: TASKS_PER_SECOND }
  return { plan, series, verdict: growthVerdict(series), set: { ...options.labPlan.settings }, versions }
}

type StartLab = (own: Partial<LabPlan>) => Promise<Lab>

/** One lab for each plan that is asked for. */
function startingLabs({ labPlan, signal }: GrowthOptions, labs: Map<string, Promise<Lab>>, closing: AsyncDisposableStack): StartLab {
  return own => {
    const key = JSON.stringify(own)
    const started = labs.get(key) ?? startLab({ ...labPlan, ...own }, { runtime: 'native', signal }).then(lab => closing.use(lab))
    labs.set(key, started)
    return started
  }
}

interface Ground extends GrowthOptions {
  start: StartLab
  closing: AsyncDisposableStack
}

async function pieceOf({ axis }: Axis, system: GrowthSystem, size: number, ground: Ground): Promise<Running['piece']> {
  const { start, closing } = ground
  switch (system) {
    case 'queue-classic':
    case 'queue-quorum': {
      const queue = await queueOn(system.slice('queue-'.length), await start({}), closing)
      return (repetition, forMs) => backlogPiece(queue, size, forMs, repetition)
    }
    case 'hop-fanout':
    case 'hop-routed': {
      const variant = system === 'hop-fanout' ? 'fanout' : 'routed'
      return chat(await hop(variant, size, await start({}), closing), CHAT, ground)
    }
    case 'ours': {
      const imNodes = nodeNames(axis === 'nodes' ? size : 2).map(letter => `im-${letter}`)
      // Idle connections cost while others write: each size has a lab of its own.
      const lab = await start({ imNodes, settings: { ...ground.labPlan.settings, seed: size } })
      const crowd = axis === 'users' ? { users: size } : axis === 'bytes' ? { bodyBytes: size } : {}
      return chat(ourChat(lab), { ...CHAT, ...crowd }, ground)
    }
  }
}

async function chat(open: OpenSystem, crowd: typeof CHAT, { plan, closing }: Ground): Promise<Running['piece']> {
  const { client } = await crowdOn(open, crowd, closing)
  const { outstanding, warmUpMs } = plan
  return async (repetition, forMs) => {
    const asked = { outstanding, ratePerSecond: 0, warmUpMs, forMs, inTurn: true }
    const {
      p99Ms: _,
      sent: __,
      stored: ___,
      reordered: ____,
      lateP99Ms: _____,
      ...sample
    } = await chatPiece({ open, client }, asked, repetition)
    return sample
  }
}
