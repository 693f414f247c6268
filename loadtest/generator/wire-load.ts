import type { Journal } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { WireDevice } from './wire-device.ts'

/** The wire devices of a thread together: the closed loop, and who waits for an answer too long. */

/** Closed loop: what has not arrived by then makes room for the next. Milliseconds. */
export const CLOSED_WITHIN_MS = 10_000
const SWEEP_MS = 1_000
/** As the whole client: a send without an answer is repeated, then given up. Milliseconds. */
const AGAIN_MS = 5_000
const GIVE_UP_MS = 30_000
const LOOK_MS = 20

export interface WireClosedLoop {
  wires: readonly WireDevice[]
  outstanding: number
  /** On the history's clock. Milliseconds. */
  untilMs: number
  measured: boolean
  signal: AbortSignal
}

export class WireLoad {
  readonly #ledger: Ledger
  readonly #journal: Journal
  /** By its number in the ledger. */
  readonly #devices: WireDevice[] = []
  readonly #sweeping: NodeJS.Timeout

  constructor(ledger: Ledger, journal: Journal) {
    this.#ledger = ledger
    this.#journal = journal
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  join(device: WireDevice): WireDevice {
    this.#devices.push(device)
    return device
  }

  /** Each message that arrives lets its sender send the next: all keep as many in flight. */
  async closed({ wires, outstanding, untilMs, measured, signal }: WireClosedLoop): Promise<void> {
    const ledger = this.#ledger
    const inFlight = new Map<number, WireDevice>()
    const launch = (device: WireDevice) => {
      const nowMs = this.#journal.wireNowMs()
      if (nowMs < untilMs && !signal.aborted) inFlight.set(device.send(nowMs, measured), device)
    }
    ledger.onEnd = number => {
      const device = inFlight.get(number)
      if (device === undefined) return
      inFlight.delete(number)
      launch(device)
    }
    for (let n = 0; n < outstanding; n += 1) launch(wires[n % wires.length]!)
    while (inFlight.size > 0 && !signal.aborted) {
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
      const lateMs = this.#journal.wireNowMs() - CLOSED_WITHIN_MS
      // In the order of sending: the first that is young enough ends the look.
      for (const [number, device] of inFlight) {
        if (ledger.sentMs(number) > lateMs) break
        inFlight.delete(number)
        launch(device)
      }
    }
    ledger.onEnd = () => undefined
  }

  /** Resolves when each message was answered, or given up. */
  async settled(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#ledger.unsettled().next().done !== true) await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }

  #sweep(): void {
    const nowMs = this.#journal.wireNowMs()
    for (const number of this.#ledger.unsettled(nowMs - AGAIN_MS)) {
      const ageMs = nowMs - this.#ledger.sentMs(number)
      const device = this.#devices[this.#ledger.senderOf(number)]
      if (ageMs > GIVE_UP_MS) device?.giveUp(number)
      else if (ageMs % AGAIN_MS < SWEEP_MS) device?.again(number)
    }
  }

  /** What is on its way may or may not be stored. */
  close(): void {
    clearInterval(this.#sweeping)
    for (const number of this.#ledger.unsettled()) this.#devices[this.#ledger.senderOf(number)]?.giveUp(number)
  }
}
