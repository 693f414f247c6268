import { readFile } from 'node:fs/promises'
import { cpuMsOf, processesOf, TICK_MS } from './processes.ts'
import type { MachineLoad } from './types.ts'

/** Who uses the CPU: this lab or others. Ended processes keep their last figure. */
export class LoadMeter {
  readonly #folder: string
  readonly #seenMs = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async read(): Promise<MachineLoad> {
    const ids = await processesOf(this.#folder)
    await Promise.all(
      ids.map(async id => {
        const ms = await cpuMsOf(id)
        if (ms > 0) this.#seenMs.set(`${id.pid}:${id.startTime}`, ms)
      }),
    )
    const partsMs = [...this.#seenMs.values()].reduce((sum, ms) => sum + ms, 0)
    return { ...(await readMachine()), ownMs: partsMs + ownCpuMs() }
  }
}

export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** What there was to use and what was used, by anybody. */
export async function readMachine(): Promise<Pick<MachineLoad, 'capacityMs' | 'busyMs'>> {
  const cpu = (await readFile('/proc/stat', 'utf8')).split('\n')[0]?.trim().split(/\s+/).slice(1).map(Number) ?? []
  const [inUser = 0, nice = 0, inKernel = 0, idle = 0, waiting = 0, irq = 0, softIrq = 0, stolen = 0] = cpu
  const busy = inUser + nice + inKernel + stolen
  return { capacityMs: (busy + idle + waiting + irq + softIrq) * TICK_MS, busyMs: busy * TICK_MS }
}
