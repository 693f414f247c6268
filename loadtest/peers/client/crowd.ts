import { WireTurn } from '../../wire/turn.ts'
import { PeerConnection } from './connection.ts'
import { DIALECTS, type DialectName } from './dialects.ts'
import { Ledger, type Tally } from './ledger.ts'

/** The users of a run: one of each pair on either node, both write to each other. */

export interface CrowdPlan {
  dialect: DialectName
  /** Addresses of the two nodes. */
  nodes: string[]
  users: number
  bodyBytes: number
  /** What each user shows as token, by number. */
  tokens: string[]
}

export interface LoadPiece {
  /** Messages on their way at any time; 0: open loop. */
  outstanding: number
  /** Of an open loop. */
  ratePerSecond: number
  warmUpMs: number
  forMs: number
  /** Closed loop: the next user of the crowd sends the next one, so that all take part. Default:
   *  the user who was heard. */
  inTurn?: boolean
  /** Whether each message must be confirmed to its sender before the piece is over. */
  confirmed: boolean
}

export interface Measured extends Tally {
  /** Seen within the measured time, and how long that was. */
  delivered: number
  forMs: number
  latencyMs: { p50: number; p99: number; max: number }
  /** How much later than due an open loop sent. */
  lateMs: { p50: number; p99: number }
}

/** Connections that are made at a time: more would overrun the nodes' queue of them. */
const CONNECTING_MAX = 100
const DRAIN_MS = 15_000
const LOOK_MS = 5

export const userName = (number: number): string => `peer-${number}`

export class Crowd implements Disposable {
  readonly #connections: PeerConnection[] = []
  readonly #numberOf = new Map<PeerConnection, number>()
  #ledger: Ledger | undefined
  #onSeen: (sender: number) => void = () => undefined
  #trouble: string | undefined
  #closing = false

  static async open(plan: CrowdPlan): Promise<Crowd> {
    const crowd = new Crowd()
    const body = 'x'.repeat(plan.bodyBytes)
    const turn = new WireTurn()
    const opened: PeerConnection[] = []
    let next = 0
    const connecting = async () => {
      while (next < plan.users) {
        const number = next
        next += 1
        opened[number] = await PeerConnection.open({
          node: plan.nodes[number % plan.nodes.length]!,
          dialect: DIALECTS[plan.dialect],
          token: plan.tokens[number]!,
          to: userName(number ^ 1),
          body,
          turn,
          onMessage: (connection, message, stored) => crowd.#received(connection, message, stored),
          onEnd: why => {
            if (!crowd.#closing) crowd.#trouble ??= why
          },
        })
      }
    }
    await Promise.all(Array.from({ length: CONNECTING_MAX }, connecting))
    for (const connection of opened) {
      crowd.#numberOf.set(connection, crowd.#connections.length)
      crowd.#connections.push(connection)
    }
    return crowd
  }

  #received(connection: PeerConnection, message: number, stored: boolean): void {
    const ledger = this.#ledger
    if (ledger === undefined) return
    if (stored) {
      ledger.confirmed(message)
      return
    }
    const sender = ledger.senderOf(message)
    // A copy for the sender's own devices.
    if (this.#numberOf.get(connection) === sender) return
    if (ledger.seen(message, performance.now())) this.#onSeen(sender)
  }

  #send(ledger: Ledger, sender: number): void {
    if (!ledger.isFull) this.#connections[sender]!.send(ledger.sent(sender, performance.now()))
  }

  /** @param onPhase called when measuring begins and when it ends */
  async run(piece: LoadPiece, onPhase: (phase: 'measuring' | 'measured') => void): Promise<Measured> {
    const ledger = new Ledger(this.#connections.length)
    this.#ledger = ledger
    const late: number[] = []
    const stop = piece.outstanding > 0 ? this.#closed(ledger, piece) : this.#open(ledger, piece.ratePerSecond, late)
    await wait(piece.warmUpMs)
    late.length = 0
    const fromMs = performance.now()
    onPhase('measuring')
    await wait(piece.forMs)
    const toMs = performance.now()
    onPhase('measured')
    stop()
    this.#onSeen = () => undefined
    await this.#drained(ledger, piece.confirmed)
    const latencies = ledger.latenciesBetween(fromMs, toMs).sort()
    const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN
    late.sort((a, b) => a - b)
    const lateAt = (share: number) => late[Math.floor(share * late.length)] ?? 0
    return {
      ...ledger.tally(),
      delivered: latencies.length,
      forMs: toMs - fromMs,
      latencyMs: { p50: at(0.5), p99: at(0.99), max: latencies.at(-1) ?? Number.NaN },
      lateMs: { p50: lateAt(0.5), p99: lateAt(0.99) },
    }
  }

  /** Who is heard of sends the next one, so each has as many on their way. */
  #closed(ledger: Ledger, { outstanding, inTurn = false }: LoadPiece): () => void {
    let next = outstanding
    this.#onSeen = sender => this.#send(ledger, inTurn ? next++ % this.#connections.length : sender)
    for (let n = 0; n < outstanding; n += 1) this.#send(ledger, n % this.#connections.length)
    return () => undefined
  }

  /** Due every so often; a timer's tick sends those that are due by then. */
  #open(ledger: Ledger, ratePerSecond: number, late: number[]): () => void {
    const startMs = performance.now()
    let sent = 0
    const timer = setInterval(() => {
      const nowMs = performance.now()
      const due = Math.floor(((nowMs - startMs) * ratePerSecond) / 1_000)
      for (; sent < due; sent += 1) {
        late.push(nowMs - (startMs + (sent * 1_000) / ratePerSecond))
        this.#send(ledger, sent % this.#connections.length)
      }
    }, 1)
    return () => clearInterval(timer)
  }

  async #drained(ledger: Ledger, confirmed: boolean): Promise<void> {
    const untilMs = performance.now() + DRAIN_MS
    while (ledger.outstanding > 0 || (confirmed && ledger.unconfirmed > 0)) {
      if (this.#trouble !== undefined) throw new Error(`a connection ended: ${this.#trouble}`)
      if (performance.now() > untilMs) return
      await wait(LOOK_MS)
    }
  }

  [Symbol.dispose](): void {
    this.#closing = true
    for (const connection of this.#connections) connection.close()
  }
}

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
