import type { Lab } from '#lab'

/** CPU that others use. */

/** The machine's own counters count in ticks of 10 ms. Milliseconds. */
const LOOK_MS = 2_000

/** While nothing of ours is to do. Percent of the machine. */
export async function foreignPercent(lab: Lab, wait: (ms: number) => Promise<void>): Promise<number> {
  const before = await lab.machineLoad()
  await wait(LOOK_MS)
  const now = await lab.machineLoad()
  const foreignMs = now.busyMs - before.busyMs - (now.ownMs - before.ownMs)
  return (100 * Math.max(0, foreignMs)) / Math.max(1, now.capacityMs - before.capacityMs)
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
