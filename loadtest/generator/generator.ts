import { performance } from 'node:perf_hooks'
import type { RestingDevice } from '#experiment'
import { eachAtItsTime } from '#lab'
import { LoadDevice } from './device.ts'
import { Journal } from './journal.ts'
import type { ClosedLoop, DeviceSpec, PlannedSend, SentRecord, ThreadSetUp, Tick } from './messages.ts'

/** Connections that are made at a time: a crowd would measure its own queue. */
const CONNECTING_MAX = 50
/** Closed loop: what has not arrived by then makes room for the next. Milliseconds. */
const CLOSED_WITHIN_MS = 10_000

/** The load of one thread. Both members of each conversation are here. */
export class Generator {
  readonly #setUp: ThreadSetUp
  readonly #journal: Journal
  readonly #devices: LoadDevice[] = []
  readonly #closing = new AbortController()
  #utilisation = performance.eventLoopUtilization()

  constructor(setUp: ThreadSetUp) {
    this.#setUp = setUp
    this.#journal = new Journal(setUp.zeroMs)
  }

  /** @returns how long each took until it was ready, login included */
  async connect(specs: DeviceSpec[]): Promise<number[]> {
    const connectMs: number[] = []
    const rest = specs.map(spec => new LoadDevice(spec, this.#journal))
    this.#devices.push(...rest)
    const queue = rest[Symbol.iterator]()
    const lane = async () => {
      for (const device of queue) connectMs.push(await device.connect(this.#setUp))
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
        outcomes.push(this.#send({ kind, measured, dueMs: dueMs - this.#setUp.zeroMs, sentMs: 0 }, from, to, body))
      },
    )
    await Promise.all(outcomes)
  }

  /** A constant number in flight. */
  async closed({ kind, outstanding, fromMs, untilMs, pairs, bodies, measured }: ClosedLoop): Promise<void> {
    const { zeroMs } = this.#setUp
    let next = 0
    await eachAtItsTime([fromMs], this.#closing.signal, () => undefined)
    const slot = async () => {
      while (this.#journal.nowMs() < untilMs - zeroMs && !this.#closing.signal.aborted) {
        const { from, to } = pairs[next % pairs.length]!
        const body = bodies[next % bodies.length]!
        next += 1
        const record: SentRecord = { kind, measured, dueMs: this.#journal.nowMs(), sentMs: 0 }
        void this.#send(record, from, to, body)
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

  async #send(record: SentRecord, from: number, to: string, body: string): Promise<void> {
    await this.#devices[from]!.send(record, to, body)
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
    return this.#devices.filter(device => device.client.online).length
  }

  /** This thread's event loop since the last call. Percent. */
  busy(): number {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilisation)
    this.#utilisation = now
    return 100 * utilization
  }

  tick(): Tick {
    return this.#journal.tick()
  }

  /** Everything that was written down. */
  take(): { events: Journal['events']; sent: SentRecord[] } {
    const { events, sends: sent } = this.#journal
    return { events, sent }
  }

  /** Devices go offline. */
  async close(): Promise<void> {
    this.stop()
    await Promise.all(this.#devices.map(device => device[Symbol.asyncDispose]()))
  }
}
