import { type MessageFrame, PROTOCOL_VERSION, ServerFrame } from '#contracts/frames'
import { LoginAnswer } from '#contracts/http'
import { conversationId } from '#contracts/ids'
import type { RestingDevice } from '#experiment'
import { WireSocket } from '../wire/socket.ts'
import type { WireTurn } from '../wire/turn.ts'
import type { Journal } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { DeviceSpec, ThreadSetUp } from './messages.ts'
import { WireFrames } from './wire-frames.ts'

/** A device on a bare socket that writes to one other user: shows in the order of the seqs and asks
 *  for holes. It does not reconnect: runs in which nodes go away use the whole client. */

const FRAME_MAX_BYTES = 1_048_576
const CONNECT_WITHIN_MS = 60_000
/** As the whole client has it: a hole is usually a frame that is about to come. Milliseconds. */
const GAP_MS = 100
const GAP_AGAIN_MS = 1_000
const RETRY_BASE_MS = 50
const RETRY_MAX_MS = 1_000
/** A refusal is repeated until then. Milliseconds. */
const SEND_WITHIN_MS = 30_000

export interface WireShared {
  setUp: ThreadSetUp
  journal: Journal
  ledger: Ledger
  turn: WireTurn
}

export class WireDevice implements AsyncDisposable {
  readonly spec: DeviceSpec
  readonly #shared: WireShared
  readonly #number: number
  readonly #to: string
  readonly #conversation: string
  readonly #frames: WireFrames
  #socket: WireSocket | undefined
  #closing = false
  #sequenced = true
  /** To be written at the end of the turn, by number. */
  #queue: number[] = []
  #pending = 0
  #shown = 0
  /** The seq up to which everything was shown, and the highest of which it has heard. */
  #cursor = 0
  #head = 0
  /** What came before its turn, by seq. */
  readonly #held = new Map<number, number | MessageFrame>()
  #gapTimer: NodeJS.Timeout | undefined
  readonly #counters = { rawDuplicates: 0, gapsAsked: 0, reconnects: 0 }
  readonly #retries = new Map<number, number>()

  constructor(spec: DeviceSpec, { to, body }: { to: string; body: string }, shared: WireShared) {
    this.spec = spec
    this.#shared = shared
    this.#to = to
    this.#conversation = conversationId(spec.user, to)
    this.#number = shared.ledger.join({ spec, to, conversation: this.#conversation })
    this.#frames = new WireFrames(shared.ledger.ids, { user: spec.user, to, conversation: this.#conversation, body })
  }

  get online(): boolean {
    return this.#socket?.open === true
  }

  /** @returns how long it took until it was ready, login included. Milliseconds. */
  async connect(): Promise<number> {
    const { journal, setUp } = this.#shared
    const { user, device, nodes } = this.spec
    const [node = ''] = nodes
    const startMs = journal.nowMs()
    const token = await loggedIn(node, user, setUp.secret)
    const ready = Promise.withResolvers<Extract<ServerFrame, { type: 'ready' }>>()
    this.#onReady = ready.resolve
    this.#socket = await WireSocket.connect({
      url: new URL('/chat', node),
      withinMs: CONNECT_WITHIN_MS,
      maxBytes: FRAME_MAX_BYTES,
      onMessage: (bytes, from, to) => this.#onMessage(bytes, from, to),
      onEnd: ({ code, reason }) => {
        ready.reject(new Error(`${node} closed ${device} before it was ready: ${code} ${reason}`))
        this.#onEnd()
      },
    })
    this.#socket.send(JSON.stringify({ type: 'auth', version: PROTOCOL_VERSION, token }))
    const { sequenced, node: name } = await ready.promise
    this.#sequenced = sequenced
    if (this.spec.judged) journal.record({ kind: 'online', user, device, node: name })
    if (sequenced) this.#socket.send(JSON.stringify({ type: 'resume', cursors: {} }))
    return journal.nowMs() - startMs
  }

  #onReady: (frame: Extract<ServerFrame, { type: 'ready' }>) => void = () => undefined

  /** Sends at the end of the turn. @returns the message's number */
  send(dueMs: number, measured: boolean): number {
    const { ledger, journal } = this.#shared
    const number = ledger.add(this.#number, dueMs, journal.wireNowMs(), measured)
    this.#pending += 1
    this.again(number)
    return number
  }

  /** Sends a message once more, by its own id. */
  again(number: number): void {
    if (this.#queue.push(number) === 1) this.#shared.turn.add(this)
  }

  flush(): void {
    const queue = this.#queue
    this.#queue = []
    const { ledger } = this.#shared
    this.#socket?.sendMany(queue.length, index => this.#frames.send(queue[index]!, ledger.wallMs(queue[index]!)))
  }

  /** No answer came: it may or may not be stored. */
  giveUp(number: number): void {
    if (this.#shared.ledger.failed(number, 'unknown', this.#shared.journal.wireNowMs())) this.#pending -= 1
  }

  #onMessage(bytes: Buffer, from: number, to: number): void {
    const { ledger, journal } = this.#shared
    const kind = this.#frames.recognise(bytes, from, to)
    const { number, seq } = this.#frames
    const own = kind === 'stored' || kind === 'echoed'
    if (kind === 'unknown' || !ledger.has(number) || (ledger.senderOf(number) === this.#number) !== own) {
      this.#onOther(bytes.toString('utf8', from, to))
      return
    }
    const atMs = journal.wireNowMs()
    if (kind !== 'stored') this.#arrived(number, seq, atMs)
    else if (ledger.stored(number, seq, atMs)) this.#pending -= 1
  }

  /** Shows it now, or once those before it were shown. */
  #arrived(what: number | MessageFrame, seq: number, atMs: number): void {
    if (!this.#sequenced) {
      this.#show(what, seq, atMs)
      return
    }
    if (seq <= this.#cursor || this.#held.has(seq)) {
      this.#counters.rawDuplicates += 1
      return
    }
    if (seq !== this.#cursor + 1) {
      this.#held.set(seq, what)
      this.#behind(seq, GAP_MS)
      return
    }
    this.#cursor = seq
    this.#show(what, seq, atMs)
    if (this.#held.size === 0) return
    for (let next = this.#held.get(this.#cursor + 1); next !== undefined; next = this.#held.get(this.#cursor + 1)) {
      this.#cursor += 1
      this.#held.delete(this.#cursor)
      this.#show(next, this.#cursor, atMs)
    }
  }

  #show(what: number | MessageFrame, seq: number, atMs: number): void {
    this.#shown += 1
    const { ledger, journal } = this.#shared
    if (typeof what === 'number') ledger.shown(this.#number, what, seq, atMs)
    else if (this.spec.judged) journal.shown({ user: this.spec.user, device: this.spec.device }, what, atMs)
  }

  /** Asks for what is missing, unless it comes meanwhile. */
  #behind(headSeq: number, afterMs: number): void {
    this.#head = Math.max(this.#head, headSeq)
    if (this.#head <= this.#cursor || this.#gapTimer !== undefined) return
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = undefined
      if (this.#head <= this.#cursor || !this.online) return
      this.#counters.gapsAsked += 1
      const cursors = { [this.#conversation]: this.#cursor }
      this.#socket?.send(JSON.stringify({ type: 'resume', cursors, only: this.#conversation }))
      this.#behind(this.#head, GAP_AGAIN_MS)
    }, afterMs)
  }

  /** Anything that is rare, by the whole parser. */
  #onOther(text: string): void {
    const frame = ServerFrame.parse(JSON.parse(text))
    const { ledger, journal } = this.#shared
    const atMs = journal.wireNowMs()
    const known = (id: string) => {
      const number = ledger.ids.numberAt(Buffer.from(id), 0)
      return ledger.has(number) ? number : undefined
    }
    if (frame.type === 'ready') this.#onReady(frame)
    else if (frame.type === 'message') {
      const { conversation, seq, clientMessageId, sender, to } = frame
      const number = known(clientMessageId)
      const mine = sender === this.spec.user && to === this.#to
      const theirs = sender === this.#to && to === this.spec.user
      const fits = number !== undefined && (ledger.senderOf(number) === this.#number ? mine : theirs)
      if (conversation === this.#conversation) this.#arrived(fits ? number : frame, seq, atMs)
      else this.#show(frame, seq, atMs)
    } else if (frame.type === 'stored') {
      const number = known(frame.clientMessageId)
      const fits = number !== undefined && frame.conversation === this.#conversation
      if (fits && ledger.stored(number, frame.seq, atMs)) this.#pending -= 1
    } else if (frame.type === 'refused') this.#onRefused(known(frame.ref), frame, atMs)
    else if (frame.type === 'head') this.#behind(frame.heads[this.#conversation] ?? 0, GAP_MS)
    else if (frame.type === 'gap') this.#behind(frame.headSeq, GAP_MS)
  }

  #onRefused(number: number | undefined, { code, retryable }: { code: string; retryable: boolean }, atMs: number): void {
    const { ledger } = this.#shared
    if (number === undefined) return
    if (retryable && atMs - ledger.sentMs(number) < SEND_WITHIN_MS) {
      const tries = this.#retries.get(number) ?? 0
      this.#retries.set(number, tries + 1)
      setTimeout(() => this.again(number), Math.random() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** tries)).unref()
    } else if (ledger.failed(number, code, atMs)) this.#pending -= 1
  }

  #onEnd(): void {
    clearTimeout(this.#gapTimer)
    const { user, device, judged } = this.spec
    if (!this.#closing && judged) this.#shared.journal.record({ kind: 'offline', user, device })
  }

  state(): RestingDevice {
    const { user, device: name } = this.spec
    const cursors = this.#cursor > 0 ? { [this.#conversation]: this.#cursor } : {}
    return { name, user, shown: this.#shown, online: this.online, pendingSends: this.#pending, sequenced: this.#sequenced, cursors }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    const { user, device, judged } = this.spec
    if (judged) this.#shared.journal.record({ kind: 'counted', user, device, ...this.#counters })
    await this.#socket?.close()
  }
}

async function loggedIn(node: string, user: string, secret: string): Promise<string> {
  const answer = await fetch(new URL('/login', node), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, secret }),
    signal: AbortSignal.timeout(CONNECT_WITHIN_MS),
  })
  if (!answer.ok) throw new Error(`${node}/login answered ${answer.status} to ${user}`)
  return LoginAnswer.parse(await answer.json()).token
}
