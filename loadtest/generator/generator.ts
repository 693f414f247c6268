import { performance } from 'node:perf_hooks'
import { eachAtItsTime } from '#lab'
import { LoadDevice } from './device.ts'
import { Journal } from './journal.ts'
import type { ClosedLoop, DeviceSpec, DeviceState, PlannedSend, SentRecord, ThreadSetUp, Tick } from './messages.ts'

/** Connections that are made at a time: a crowd would measure its own queue. */
const CONNECTING_MAX = 50
/** Closed loop: what has not arrived by then makes room for the next. Milliseconds. */
const CLOSED_WITHIN_MS = 10_000

/** The load of one thread. Both members of each conversation are here. */
export class Generator implements AsyncDisposable {
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
  async open(sends: PlannedSend[]): Promise<undefined> {
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
    return undefined
  }

  /** A constant number in flight. */
  async closed({ kind, outstanding, fromMs, untilMs, pairs, bodies, measured }: ClosedLoop): Promise<undefined> {
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
    return undefined
  }

  async #send(record: SentRecord, from: number, to: string, body: string): Promise<void> {
    await this.#devices[from]!.send(record, to, body)
  }

  stop(): void {
    this.#closing.abort()
  }

  states(): DeviceState[] {
    return this.#devices.filter(({ spec }) => !spec.idle).map(device => device.state())
  }

  online(): number {
    return this.#devices.filter(device => device.client.online).length
  }

  busy(): number {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilisation)
    this.#utilisation = now
    return 100 * utilization
  }

  tick(): Tick {
    return this.#journal.tick()
  }

  take(): { events: Journal['events']; sent: SentRecord[] } {
    const { events, records: sent } = this.#journal
    ;[this.#journal.events, this.#journal.records] = [[], []]
    return { events, sent }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await Promise.all(this.#devices.map(device => device[Symbol.asyncDispose]()))
  }
}
