import { ServerLoad } from '../real-model/server-load.ts'
import { procText, TICK_MS } from './proc.mjs'
import { cpuMs, processesOf } from './processes.ts'
import type { MachineLoad } from './types.ts'

/** Who uses the CPU: this lab or others. Ended processes keep their last figure. */
export class LoadMeter {
  readonly #folder: string
  #server: ServerLoad | undefined
  readonly #seenMs = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @param server the address of one that works for the lab; one elsewhere has no CPU here */
  async read(server?: string): Promise<MachineLoad> {
    for (const id of processesOf(this.#folder)) {
      const ms = cpuMs([id])
      if (ms > 0) this.#seenMs.set(`${id.pid}:${id.startTime}`, ms)
    }
    const partsMs = [...this.#seenMs.values()].reduce((sum, ms) => sum + ms, 0)
    if (server !== undefined) this.#server ??= await ServerLoad.of(server)
    return { ...readMachine(), ownMs: partsMs + ownCpuMs() + ((await this.#server?.readMs()) ?? 0) }
  }
}

export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** What there was to use and what was used, by anybody. */
export function readMachine(): Pick<MachineLoad, 'capacityMs' | 'busyMs'> {
  const cpu = procText('stat').split('\n')[0]?.trim().split(/\s+/).slice(1).map(Number) ?? []
  const [inUser = 0, nice = 0, inKernel = 0, idle = 0, waiting = 0, irq = 0, softIrq = 0, stolen = 0] = cpu
  const busy = inUser + nice + inKernel + stolen
  return { capacityMs: (busy + idle + waiting + irq + softIrq) * TICK_MS, busyMs: busy * TICK_MS }
}

/** Share of the machine that others used between two looks. Percent. */
export function foreignPercentOf(before: MachineLoad, after: MachineLoad): number {
  const foreignMs = after.busyMs - before.busyMs - (after.ownMs - before.ownMs)
  return (100 * Math.max(0, foreignMs)) / Math.max(1, after.capacityMs - before.capacityMs)
}
