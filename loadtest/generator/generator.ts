import { performance } from 'node:perf_hooks'
import type { RestingDevice } from '#experiment'
import { eachAtItsTime } from '#lab'
import { WireTurn } from '../wire/turn.ts'
import { LoadDevice } from './device.ts'
import { Journal } from './journal.ts'
import { Ledger } from './ledger.ts'
import type { ClosedLoop, DeviceSpec, PlannedSend, SentRecord, ThreadSetUp, Tick } from './messages.ts'
import { WireDevice } from './wire-device.ts'
import { CLOSED_WITHIN_MS, WireLoad } from './wire-load.ts'

/** Connections that are made at a time: a crowd would measure its own queue. */
const CONNECTING_MAX = 50

/** The load of one thread. Both members of each conversation are here. */
export class Generator {
  readonly #setUp: ThreadSetUp
  readonly #journal: Journal
  readonly #ledger = new Ledger()
  readonly #turn = new WireTurn()
  readonly #wires: WireLoad
  readonly #devices: (LoadDevice | WireDevice)[] = []
  readonly #closing = new AbortController()
  #utilisation = performance.eventLoopUtilization()

  constructor(setUp: ThreadSetUp) {
    this.#setUp = setUp
    this.#journal = new Journal(setUp.zeroMs)
    this.#wires = new WireLoad(this.#ledger, this.#journal)
  }

  /** @returns how long each took until it was ready, login included */
  async connect(specs: DeviceSpec[]): Promise<number[]> {
    const connectMs: number[] = []
    const shared = { setUp: this.#setUp, journal: this.#journal, ledger: this.#ledger, turn: this.#turn }
    const rest = specs.map(spec =>
      spec.wire === undefined
        ? new LoadDevice(spec, this.#journal, this.#setUp)
        : this.#wires.join(new WireDevice(spec, spec.wire, shared)),
    )
    this.#devices.push(...rest)
    const queue = rest[Symbol.iterator]()
    const lane = async () => {
      for (const device of queue) connectMs.push(await device.connect())
    }
    await Promise.all(Array.from({ length: CONNECTING_MAX }, lane))
    return connectMs
  }

  /** Each at its time (open loop); resolves when each is stored or failed. */
  async open(sends: PlannedSend[]): Promise<void> {
    const outcomes: Promise<void>[] = []
    await eachAtItsTime(
      sends.map(send => send.dueMs),
      this.#closing.signal,
      index => {
        const { kind, dueMs, from, to, body, measured } = sends[index]!
        const device = this.#devices[from]!
        if (device instanceof WireDevice) device.send(dueMs - this.#setUp.zeroMs, measured)
        else outcomes.push(device.send({ kind, measured, dueMs: dueMs - this.#setUp.zeroMs, sentMs: 0 }, to, body))
      },
    )
    await Promise.all(outcomes)
    await this.#wires.settled(this.#closing.signal)
  }

  /** A constant number in flight. */
  async closed({ kind, outstanding, fromMs, untilMs, pairs, bodies, measured }: ClosedLoop): Promise<void> {
    const { zeroMs } = this.#setUp
    let next = 0
    const { signal } = this.#closing
    await eachAtItsTime([fromMs], signal, () => undefined)
    const wires = pairs.map(({ from }) => this.#devices[from]).filter(device => device instanceof WireDevice)
    if (wires.length > 0) return this.#wires.closed({ wires, outstanding, untilMs: untilMs - zeroMs, measured, signal })
    const slot = async () => {
      while (this.#journal.nowMs() < untilMs - zeroMs && !this.#closing.signal.aborted) {
        const { from, to } = pairs[next % pairs.length]!
        const body = bodies[next % bodies.length]!
        next += 1
        const record: SentRecord = { kind, measured, dueMs: this.#journal.nowMs(), sentMs: 0 }
        const device = this.#devices[from]!
        if (device instanceof LoadDevice) void device.send(record, to, body)
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<void>(resolve => {
          timer = setTimeout(resolve, CLOSED_WITHIN_MS)
        })
        await Promise.race([this.#journal.end(record), late])
        clearTimeout(timer)
      }
    }
    await Promise.all(Array.from({ length: outstanding }, slot))
  }

  /** No further sends; those that are on their way go on. */
  stop(): void {
    this.#closing.abort()
  }

  /** Of devices that do something. */
  states(): RestingDevice[] {
    return this.#devices.filter(({ spec }) => !spec.idle).map(device => device.state())
  }

  /** Devices that are online now, idle ones included. */
  online(): number {
    return this.#devices.filter(device => device.online).length
  }

  /** This thread's event loop since the last call. Percent. */
  busy(): number {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilisation)
    this.#utilisation = now
    return 100 * utilization
  }

  /** CPU of this thread so far. Milliseconds. */
  cpuMs(): number {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }

  tick(): Tick {
    const [whole, wire] = [this.#journal.tick(), this.#ledger.tick()]
    return {
      offered: whole.offered + wire.offered,
      stored: whole.stored + wire.stored,
      delivered: whole.delivered + wire.delivered,
      failed: whole.failed + wire.failed,
      latencyMs: [...whole.latencyMs, ...wire.latencyMs],
    }
  }

  /** Everything that was written down. */
  take(): { events: Journal['events']; sent: SentRecord[] } {
    const { events, sends } = this.#journal
    return { events: events.concat(this.#ledger.events()), sent: sends.concat(this.#ledger.records()) }
  }

  /** Devices go offline. */
  async close(): Promise<void> {
    this.stop()
    this.#wires.close()
    await Promise.all(this.#devices.map(device => device[Symbol.asyncDispose]()))
  }
}
