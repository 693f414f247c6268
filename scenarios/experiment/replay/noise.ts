import { foreignCpu, tooNoisy } from '#evidence/noise'
import { ForeignCpu, type Lab } from '#lab'

/** What else the machine was busy with, from one look to the next. */
export class NoiseMeter {
  readonly #begin: () => Promise<ForeignCpu>
  #foreign: ForeignCpu | undefined
  /** Percent of the machine. */
  readonly foreignCpuPercent: number[] = []

  /** @param server a model server that works for the lab */
  constructor(lab: Pick<Lab, 'machineLoad'>, server?: { readMs(): Promise<number> }) {
    this.#begin = () => ForeignCpu.beside(lab, server)
  }

  /** About a second apart: shorter looks count 10 ms ticks. The first only begins. */
  async look(): Promise<void> {
    if (this.#foreign === undefined) this.#foreign = await this.#begin()
    else this.foreignCpuPercent.push(await this.#foreign.percent())
  }
}

/** CPU of other processes, percent of the machine; `why` if times then prove nothing. */
export function noiseOf(foreignCpuPercent: readonly number[]): { mean: number; worst: number; why?: string } {
  const events = foreignCpuPercent.map(percent => ({ kind: 'noise' as const, atMs: 0, foreignCpuPercent: percent, timerLateP99Ms: 0 }))
  const { mean, worst } = foreignCpu({ events })
  if (tooNoisy({ events }) === undefined) return { mean, worst }
  return { mean, worst, why: `too noisy to tell (others used ${mean.toFixed(0)} % of the machine, ${worst.toFixed(0)} % at worst)` }
}
