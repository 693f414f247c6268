import type { Lab } from '#lab'

type Load = Awaited<ReturnType<Lab['machineLoad']>>

/** CPU that others than the lab used between two looks. Percent of the machine. */
export function foreignPercent(before: Load, now: Load): number {
  const foreignMs = now.busyMs - before.busyMs - (now.ownMs - before.ownMs)
  return (100 * Math.max(0, foreignMs)) / Math.max(1, now.capacityMs - before.capacityMs)
}

/** What else the machine was busy with, from one look to the next. */
export class NoiseMeter {
  readonly #lab: Pick<Lab, 'machineLoad'>
  #before: Load | undefined
  readonly foreignCpuPercent: number[] = []

  constructor(lab: Pick<Lab, 'machineLoad'>) {
    this.#lab = lab
  }

  /** About a second after the one before: shorter looks count in clock ticks of 10 ms. The first one only begins. */
  async look(): Promise<void> {
    const now = await this.#lab.machineLoad()
    if (this.#before !== undefined) this.foreignCpuPercent.push(foreignPercent(this.#before, now))
    this.#before = now
  }
}
