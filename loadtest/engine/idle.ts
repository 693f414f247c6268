import type { LatencySummary } from '#evidence/load-document'
import type { Lab } from '#lab'
import type { LoadPlan, OnPhase } from '../workload.ts'
import { summaryOf } from './figures.ts'
import { type PartUse, partUse, usedBetween } from './noise.ts'
import type { LoadSession } from './session.ts'

/** What idle connections cost: how fast they open, memory and CPU of the nodes for each. */
export async function connectIdle(
  lab: Lab,
  session: LoadSession,
  { idleConnections }: LoadPlan,
  onPhase: OnPhase,
): Promise<{ connect: LatencySummary; measures: Record<string, number> }> {
  onPhase('connecting-idle', idleConnections)
  const before = await partUse(lab)
  const { connectMs, tookMs } = await session.connectIdle()
  const now = await partUse(lab)
  const ofNodes = (use: readonly PartUse[]) => use.filter(({ kind }) => kind === 'im-node')
  const memoryMiB = sum(ofNodes(now).map(({ rssMiB }) => rssMiB)) - sum(ofNodes(before).map(({ rssMiB }) => rssMiB))
  const cpuMs = sum(ofNodes(usedBetween(before, now)).map(part => part.cpuMs))
  return {
    connect: summaryOf('login-to-ready', connectMs),
    measures: {
      idleConnections: connectMs.length,
      connectsPerSecond: (1_000 * connectMs.length) / tookMs,
      nodeKibibytesPerConnection: (1_024 * memoryMiB) / Math.max(1, connectMs.length),
      nodeCpuMicrosecondsPerConnect: (1_000 * cpuMs) / Math.max(1, connectMs.length),
    },
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
