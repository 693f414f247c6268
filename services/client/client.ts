import { EventEmitter } from 'node:events'
import type { HistoryPage } from '#contracts/http'
import { UserId } from '#contracts/ids'
import { type HistoryOptions, historyPage } from './http.ts'
import { Session } from './session.ts'
import type { CancelOutcome } from './tasks.ts'
import {
  type AnswerOutcome,
  ChatError,
  type ChatEvents,
  type ChatOptions,
  type SendOptions,
  type SendOutcome,
  TUNING,
  type Tuning,
} from './types.ts'
import type { View } from './view.ts'

export interface Counters {
  /** Messages that arrived again and were not shown again. */
  rawDuplicates: number
  reconnects: number
  gapsAsked: number
}

/** One device: stays connected, repeats sends under the same id, shows each message once. `await
 *  using client = await ChatClient.connect({ nodes, user, secret, on: { message } })` */
export class ChatClient extends EventEmitter<ChatEvents> implements AsyncDisposable {
  readonly user: string
  readonly #options: ChatOptions
  readonly #tuning: Tuning
  readonly #session: Session
  readonly #stopped = new AbortController()

  /** Resolves when a node is ready; rejects with a ChatError after a timeout or a fatal refusal. */
  static async connect(options: ChatOptions): Promise<ChatClient> {
    const client = new ChatClient(options)
    const failure = await client.#connected()
    if (failure === undefined) return client
    await client[Symbol.asyncDispose]()
    throw failure
  }

  private constructor(options: ChatOptions) {
    super()
    if (options.nodes.length === 0) throw new RangeError('nodes: expected at least one address, got none')
    this.user = UserId.parse(options.user)
    this.#options = options
    this.#tuning = { ...TUNING, ...options.tuning }
    for (const [event, listener] of Object.entries(options.on ?? {})) this.on(event as keyof ChatEvents, listener)
    this.#session = new Session(options, this.#tuning, this)
    void this.#session.ended.then(() => this.#stopped.abort())
    const stop = () => void this[Symbol.asyncDispose]()
    if (options.signal?.aborted) stop()
    else options.signal?.addEventListener('abort', stop, { once: true, signal: this.#stopped.signal })
  }

  async #connected(): Promise<ChatError | undefined> {
    let last = 'nothing was heard'
    const trouble = (error: ChatError) => {
      last = error.message
    }
    const down = (at: ChatEvents['disconnected'][0]) => {
      last = `${at.url}: ${at.reason || `closed with ${at.code}`}`
    }
    this.on('trouble', trouble).on('disconnected', down)
    const { connectWithinMs } = this.#tuning
    const first = Promise.withResolvers<ChatError | undefined>()
    this.once('connected', () => first.resolve(undefined))
    void this.#session.ended.then(error => first.resolve(error ?? new ChatError('CLOSED', 'closed before it was connected')))
    const nodes = this.#options.nodes.join(', ')
    const late = () => first.resolve(new ChatError('UNREACHABLE', `none of ${nodes} was ready within ${connectWithinMs} ms; last: ${last}`))
    const timer = setTimeout(late, connectWithinMs)
    const failure = await first.promise
    clearTimeout(timer)
    this.off('trouble', trouble).off('disconnected', down)
    return failure
  }

  get view(): View {
    return this.#session.view
  }
  /** Name of the node in use, or used last. */
  get node(): string | undefined {
    return this.#session.ready?.node
  }
  get online(): boolean {
    return this.#session.link.ready
  }
  /** The robot's user id, as the node told it. */
  get robot(): string {
    return this.#session.ready?.robot ?? ''
  }
  /** false: design `article`. */
  get sequenced(): boolean {
    return this.#session.ready?.sequenced ?? true
  }
  get counters(): Counters {
    const { rawDuplicates, gapsAsked } = this.view
    return { rawDuplicates, gapsAsked, reconnects: Math.max(0, this.#session.connections - 1) }
  }
  /** Sends without an outcome. */
  get pendingSends(): number {
    return this.#session.outbox.size
  }
  /** Connected, and everything that is known to exist is shown. */
  get atHead(): boolean {
    return this.#session.atHead
  }

  /** Resolves with what is known; never rejects. Throws on an invalid addressee or body. */
  send(to: string, body: string, options: SendOptions = {}): Promise<SendOutcome> {
    const addressee = UserId.parse(to)
    if (body === '' || body.includes('\0')) throw new RangeError('body: expected at least one character and no U+0000')
    const { outbox, link, wake } = this.#session
    const nowMs = performance.now()
    const outcome = outbox.add(addressee, body, options, nowMs)
    if (this.#stopped.signal.aborted) outbox.close()
    // Its earliest due time; the sweep works out the exact one.
    else wake.at(nowMs + (link.ready ? Math.min(this.#tuning.sendTimeoutMs, this.#tuning.sendDeadlineMs) : this.#tuning.sendDeadlineMs))
    return outcome
  }

  /** A prompt and its end. `answerWithinMs` counts from `stored`; default: no limit. */
  async ask(prompt: string, options: SendOptions & { answerWithinMs?: number } = {}): Promise<AnswerOutcome> {
    const { answerWithinMs, ...sendOptions } = options
    const sent = await this.send(this.robot, prompt, sendOptions)
    if (sent.state === 'refused') return { state: 'refused', code: sent.code, detail: sent.detail }
    if (sent.state === 'unknown') return { state: 'unknown', task: undefined, detail: sent.detail }
    if (sent.task === undefined) return { state: 'unknown', task: undefined, detail: 'the node named no task for this prompt' }
    return this.answer(sent.task, answerWithinMs)
  }

  /** The end of a task of this user, as this device shows it. */
  answer(task: string, withinMs?: number): Promise<AnswerOutcome> {
    if (this.#stopped.signal.aborted) return Promise.resolve({ state: 'unknown', task, detail: 'the client is closed' })
    return this.#session.tasks.answer(task, withinMs)
  }

  /** Text of an answer while it is being generated. */
  partialText(task: string): string {
    return this.#session.answers.text(task)
  }

  /** Asks to drop a task, on this node only: `unknown` without an answer in time. */
  cancel(task: string): Promise<CancelOutcome> {
    const outcome = this.#session.tasks.cancel(task, this.#tuning.sendTimeoutMs)
    this.#session.link.send({ type: 'cancel', task })
    return outcome
  }

  /** One page of the conversation with a user, oldest first, from the node in use. */
  async history(asked: HistoryOptions): Promise<HistoryPage> {
    const { link } = this.#session
    const page = (token: string) => historyPage(link.url, token, asked, this.#tuning.loginWithinMs, this.#stopped.signal)
    try {
      return await page(link.token ?? (await link.renewToken()))
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'UNAUTHENTICATED' || this.#options.secret === undefined) throw error
      return page(await link.renewToken())
    }
  }

  /** Says goodbye. Open sends and answers resolve with what is known. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.link.close()
    await this.#session.ended
  }
}
