import { foreignPercentOf, ownCpuMs, readMachine } from './machine-load.ts'
import type { MachineLoad } from './types.ts'

/** What others use of this machine, from one look to the next. */
export class ForeignCpu {
  readonly #read: () => Promise<MachineLoad>
  #before: MachineLoad

  private constructor(read: () => Promise<MachineLoad>, before: MachineLoad) {
    this.#read = read
    this.#before = before
  }

  /** @param lab whose parts are ours; default this process @param server a model server of ours */
  static async beside(lab?: { machineLoad(): Promise<MachineLoad> }, server?: { readMs(): Promise<number> }): Promise<ForeignCpu> {
    const ours = lab === undefined ? alone : () => lab.machineLoad()
    const read = async () => {
      const [load, serverMs = 0] = await Promise.all([ours(), server?.readMs()])
      return { ...load, ownMs: load.ownMs + serverMs }
    }
    return new ForeignCpu(read, await read())
  }

  /** Percent of the machine since the last look. Short looks count 10 ms ticks. */
  async percent(): Promise<number> {
    const [before, now] = [this.#before, await this.#read()]
    this.#before = now
    return foreignPercentOf(before, now)
  }
}

const alone = async (): Promise<MachineLoad> => ({ ...readMachine(), ownMs: ownCpuMs() })
