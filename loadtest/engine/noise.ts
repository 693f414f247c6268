import { resolveSettings } from '#contracts/settings'
import { ForeignCpu, type Lab, pause } from '#lab'

/** On what a load test runs: settings, CPU that others use, and what each part does. */

/** The machine's own counters count in ticks of 10 ms. Milliseconds. */
const LOOK_MS = 2_000

/** While nothing of ours is to do. Percent of the machine; what was seen until the signal. */
export async function foreignPercent(lab: Lab, signal: AbortSignal): Promise<number> {
  const foreign = await ForeignCpu.beside(lab)
  await pause(LOOK_MS, signal).catch(() => undefined)
  return foreign.percent()
}

export interface PartUse {
  name: string
  kind: string
  cpuMs: number
  rssMiB: number
}

/** What each part has used so far. */
export async function partUse(lab: Lab): Promise<PartUse[]> {
  return (await lab.status()).map(({ name, kind, cpuMs, rssMiB }) => ({ name, kind, cpuMs, rssMiB }))
}

/** Between two looks. A part that was started again counts from its start. */
export function usedBetween(before: readonly PartUse[], now: readonly PartUse[]): PartUse[] {
  return now.map(part => {
    const earlier = before.find(({ name }) => name === part.name)?.cpuMs ?? 0
    return { ...part, cpuMs: part.cpuMs >= earlier ? part.cpuMs - earlier : part.cpuMs }
  })
}

/** What of the lab stands in the document. @param startedMs when the test began */
export function circumstancesOf({ runtime, plan }: Lab, startedMs: number) {
  const { design, timeScale, taskQueueType } = resolveSettings(plan.settings)
  return { runtime, tookMs: performance.now() - startedMs, design, timeScale, taskQueueType, set: { ...plan.settings } }
}
