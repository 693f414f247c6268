import type { EventEmitter } from 'node:events'
import type { MessageFrame, ServerFrame } from '#contracts/frames'
import { RESUME_CURSORS_MAX } from '#contracts/limits'
import { Answers } from './answers.ts'
import { Link } from './link.ts'
import { Outbox } from './outbox.ts'
import { Tasks } from './tasks.ts'
import { ChatError, type ChatEvents, type ChatOptions, type Frame, type Tuning } from './types.ts'
import { View } from './view.ts'
import { Wake } from './wake.ts'

/** A client's state across connections: all frames end here, all timers start here. */
export class Session {
  readonly view: View
  readonly link: Link
  readonly outbox: Outbox
  readonly answers = new Answers()
  readonly tasks = new Tasks()
  readonly wake: Wake
  /** Settles once everything is wound up; with the error that made the client give up. */
  readonly ended: Promise<ChatError | undefined>
  ready: Frame<'ready'> | undefined
  connections = 0
  readonly #options: ChatOptions
  readonly #tuning: Tuning
  readonly #events: EventEmitter<ChatEvents>
  /** From `ready` until the view is at the head of everything. */
  #catchingUp: { shown: number; headMissing: boolean; failures: number; againAtMs: number | undefined } | undefined

  constructor(options: ChatOptions, tuning: Tuning, events: EventEmitter<ChatEvents>) {
    this.#options = options
    this.#tuning = tuning
    this.#events = events
    this.view = new View(tuning, options.cursors)
    const handlers = {
      onReady: (frame: Frame<'ready'>, url: string) => this.#onReady(frame, url),
      onFrame: (frame: ServerFrame) => this.#onFrame(frame),
      onTrouble: (error: ChatError) => void events.emit('trouble', error),
      onDown: ({ code, reason, cause }: { code: number; reason: string; cause: string }, url: string) => {
        this.outbox.offline()
        this.#catchingUp = undefined
        if (cause !== 'ours') events.emit('disconnected', { node: this.ready?.node, url, code, reason })
      },
    }
    this.link = new Link(options, tuning, handlers, Math.random)
    this.outbox = new Outbox(tuning, this.link, Math.random)
    this.wake = new Wake(nowMs => this.#tick(nowMs))
    this.ended = this.link.over.then(error => {
      this.wake.stop()
      this.outbox.close()
      this.tasks.close(error?.message ?? 'the client was closed')
      events.emit('closed', error)
      return error
    })
  }

  /** Connected, and everything that is known to exist is shown. */
  get atHead(): boolean {
    return this.link.ready && this.#catchingUp === undefined && this.view.atHead
  }

  #onReady(frame: Frame<'ready'>, url: string): void {
    const nowMs = performance.now()
    this.ready = frame
    this.connections += 1
    this.view.asItArrives = !frame.sequenced || this.#options.resume === false
    this.#events.emit('connected', { node: frame.node, url, resumed: this.connections > 1 })
    this.#catchingUp = { shown: 0, headMissing: !this.view.asItArrives, failures: 0, againAtMs: undefined }
    if (this.view.asItArrives) this.#checkCaughtUp()
    else this.#resume(nowMs)
    this.outbox.online(nowMs)
    this.wake.at(this.#tick(nowMs))
  }

  /** One frame asks for everything. Beyond its limit the highest cursors are named; for the others
   *  the node repeats a page, and the view drops what it has. */
  #resume(nowMs: number): void {
    let cursors = this.view.cursors()
    const entries = Object.entries(cursors)
    if (entries.length > RESUME_CURSORS_MAX) cursors = Object.fromEntries(entries.sort((a, b) => b[1] - a[1]).slice(0, RESUME_CURSORS_MAX))
    if (this.#catchingUp !== undefined) this.#catchingUp.againAtMs = undefined
    this.view.resumed(nowMs)
    this.link.send({ type: 'resume', cursors })
  }

  /** The node could not read: without its head no gap shows, so repeat the resume. */
  #resumeFailed(nowMs: number): void {
    if (this.#catchingUp === undefined || !this.#catchingUp.headMissing) return
    this.#catchingUp.againAtMs = nowMs + this.#tuning.gapAgainMs * Math.min(10, 2 ** this.#catchingUp.failures)
    this.#catchingUp.failures += 1
    this.wake.at(this.#catchingUp.againAtMs)
  }

  #tick(nowMs: number): number | undefined {
    this.outbox.sweep(nowMs)
    const sends = this.outbox.nextDueAtMs()
    if (!this.link.ready) return sends
    this.#askForGaps(nowMs)
    const again = this.#catchingUp?.againAtMs
    if (again !== undefined && nowMs >= again) this.#resume(nowMs)
    const next = [sends, this.view.nextDueAtMs(), this.#catchingUp?.againAtMs].filter(at => at !== undefined)
    return next.length === 0 ? undefined : Math.min(...next)
  }

  #askForGaps(nowMs: number): void {
    for (const { conversation, cursor } of this.view.due(nowMs))
      this.link.send({ type: 'resume', cursors: { [conversation]: cursor }, only: conversation })
  }

  #onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'message':
        this.#onMessage(frame)
        break
      case 'partial': {
        const partial = this.answers.accept(frame)
        if (partial !== undefined) this.#events.emit('partial', partial)
        break
      }
      case 'stored':
        this.outbox.stored(frame)
        this.#events.emit('stored', frame)
        break
      case 'refused':
        this.#onRefused(frame)
        break
      case 'waiting':
        this.#events.emit('waiting', frame)
        break
      case 'loading':
        this.#events.emit('loading', frame)
        break
      case 'head':
        this.view.heads(frame.heads, performance.now())
        if (this.#catchingUp !== undefined) this.#catchingUp.headMissing = false
        this.#checkCaughtUp()
        this.wake.at(this.view.nextDueAtMs())
        break
      case 'gap':
        this.view.more(frame.conversation, frame.headSeq, performance.now())
        this.#askForGaps(performance.now())
        this.wake.at(this.view.nextDueAtMs())
        break
      case 'error':
        if (frame.code === 'STORE_UNAVAILABLE') this.#resumeFailed(performance.now())
        this.#events.emit('trouble', new ChatError('SERVER_ERROR', `${this.link.url}: ${frame.code}: ${frame.detail}`))
        break
      case 'ready': // The connection takes the first; later ones mean nothing.
      case 'pong':
        break
      default:
        frame satisfies never
    }
  }

  #onRefused(frame: Frame<'refused'>): void {
    const again = this.outbox.refused(frame, performance.now())
    if (again !== undefined) this.wake.at(again.dueAtMs)
    else if (this.tasks.refused(frame)) this.answers.end(frame.ref)
    this.#events.emit('refused', frame)
  }

  #onMessage(frame: MessageFrame): void {
    if (frame.sender === this.#options.user) this.outbox.echoed(frame, frame.to === this.ready?.robot)
    const shown = this.view.accept(frame, performance.now(), repair => this.#events.emit('gapRepaired', repair))
    if (shown.length === 0) this.wake.at(this.view.nextDueAtMs())
    for (const message of shown) {
      if (message.task !== undefined) {
        this.answers.end(message.task)
        this.tasks.answered(message.task, message)
      }
      if (this.#catchingUp !== undefined) this.#catchingUp.shown += 1
      this.#events.emit('message', message)
    }
    this.#checkCaughtUp()
  }

  #checkCaughtUp(): void {
    if (this.#catchingUp === undefined || this.#catchingUp.headMissing || !this.view.atHead) return
    const { shown } = this.#catchingUp
    this.#catchingUp = undefined
    this.#events.emit('caughtUp', { node: this.ready?.node ?? '', messages: shown, first: this.connections === 1 })
  }
}
