import { v7 as uuidV7 } from 'uuid'
import { ChatClient } from '#client'
import type { MessageFrame } from '#contracts/frames'
import { countTokens } from '#contracts/gpu-timing'
import type { RestingDevice } from '#experiment'
import type { Journal } from './journal.ts'
import type { DeviceSpec, SentRecord, ThreadSetUp } from './messages.ts'

/** One user's device under load: sends, and records what its user would see. */
export class LoadDevice implements AsyncDisposable {
  readonly spec: DeviceSpec
  readonly #journal: Journal
  #client: ChatClient | undefined
  #shown = 0
  /** Its prompts without an end, oldest first, for a design that names no tasks. */
  readonly #asked: SentRecord[] = []

  readonly #setUp: ThreadSetUp

  constructor(spec: DeviceSpec, journal: Journal, setUp: ThreadSetUp) {
    this.spec = spec
    this.#setUp = setUp
    this.#journal = journal
  }

  /** @returns how long it took until it was ready. Milliseconds. */
  async connect(): Promise<number> {
    const { secret, trust } = this.#setUp
    const { user, device, nodes } = this.spec
    const startMs = this.#journal.nowMs()
    this.#client = await ChatClient.connect({
      nodes,
      user,
      secret,
      trust,
      tuning: { connectWithinMs: 60_000 },
      on: {
        message: frame => this.#onMessage(frame),
        partial: ({ task }) => this.#journal.piece(task),
        connected: ({ node, resumed }) => this.#write(resumed, { kind: 'online', user, device, node }),
        disconnected: () => this.#write(true, { kind: 'offline', user, device }),
      },
    })
    this.#write(true, { kind: 'online', user, device, node: this.client.node ?? '' })
    return this.#journal.nowMs() - startMs
  }

  get client(): ChatClient {
    if (this.#client === undefined) throw new Error(`${this.spec.device} is not connected`)
    return this.#client
  }

  get online(): boolean {
    return this.client.online
  }

  /** Sends; resolves when it is stored, or surely or possibly is not. */
  async send(record: SentRecord, to: string, body: string): Promise<void> {
    const { user, device } = this.spec
    const { client } = this
    const clientMessageId = uuidV7()
    const base = { user, device, clientMessageId }
    record.sentMs = this.#journal.sent(clientMessageId, record)
    if (record.kind === 'bot' && !client.sequenced) this.#asked.push(record)
    this.#write(true, { kind: 'send', ...base, to: to || client.robot, dueMs: record.dueMs }, record.sentMs)
    const outcome = await client.send(to || client.robot, body, { clientMessageId })
    if (outcome.state === 'stored') this.#journal.stored(record, outcome.task)
    else this.#journal.failed(record, outcome.state === 'refused' ? outcome.code : 'unknown')
    if (this.spec.judged) this.#journal.outcome(base, outcome)
  }

  #onMessage(frame: MessageFrame): void {
    this.#shown += 1
    const { user, device } = this.spec
    const { sender, clientMessageId, task, answered } = frame
    if (task !== undefined) {
      const oldest = this.#client?.sequenced === false ? this.#asked.shift() : undefined
      this.#journal.answered(task, oldest, answered !== false, countTokens(frame.body))
    } else if (sender !== user) this.#journal.seen(clientMessageId)
    if (this.spec.judged) this.#journal.shown({ user, device }, frame)
  }

  #write(wanted: boolean, ...[event, atMs]: Parameters<Journal['record']>): void {
    if (wanted && this.spec.judged) this.#journal.record(event, atMs)
  }

  state(): RestingDevice {
    const { client } = this
    const { device: name, user } = this.spec
    const { online, pendingSends, sequenced } = client
    return { name, user, shown: this.#shown, online, pendingSends, sequenced, cursors: client.view.cursors() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#client === undefined) return
    const { user, device } = this.spec
    this.#write(true, { kind: 'counted', user, device, ...this.#client.counters })
    await this.#client[Symbol.asyncDispose]()
  }
}
