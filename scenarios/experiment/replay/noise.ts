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

  /** About a second after the one before: shorter looks count in clock ticks of 10 ms. The first one only begins. */
  async look(): Promise<void> {
    if (this.#foreign === undefined) this.#foreign = await this.#begin()
    else this.foreignCpuPercent.push(await this.#foreign.percent())
  }
}
