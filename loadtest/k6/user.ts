import { clearInterval, setInterval } from 'k6/timers'
import type { MessageFrame, ServerFrame } from '#contracts/frames'
// The client's view, so that both engines mean the same by "lost". Pure: k6 can run it.
import { View } from '../../services/client/view.ts'
import { nowMs } from './clock.ts'
import { type ChatSocket, connect } from './socket.ts'
import type { Tally } from './tally.ts'

/** As the client has them (`services/client/client.ts`). Milliseconds. */
const TIMING = { gapMs: 100, gapAgainMs: 1_000 }
const LOOK_FOR_HOLES_MS = 50

export interface Handlers {
  /** Shown to this user, in the order of the view, own messages included. */
  onShown(message: MessageFrame): void
  onFrame(frame: ServerFrame): void
}

/** A user and their device. It repairs holes as the client does: healed is not lost. */
export class User {
  readonly name: string
  readonly #tally: Tally
  readonly #handlers: Handlers
  readonly #view = new View(TIMING)
  #socket: ChatSocket | undefined
  #repair = 0

  constructor(name: string, tally: Tally, handlers: Handlers) {
    this.name = name
    this.#tally = tally
    this.#handlers = handlers
  }

  async connect(node: string, token: string): Promise<void> {
    const onEnded = () => this.#tally.disconnected()
    this.#socket = await connect({ node, user: this.name, token }, frame => this.#received(frame), onEnded)
    this.#repair = setInterval(() => this.#askForHoles(), LOOK_FOR_HOLES_MS)
  }

  get robot(): string {
    return this.#socket?.robot ?? ''
  }

  send(to: string, clientMessageId: string, body: string): void {
    this.#socket?.send({ type: 'send', clientMessageId, to, body })
  }

  close(): void {
    clearInterval(this.#repair)
    this.#socket?.close()
  }

  #received(frame: ServerFrame): void {
    if (frame.type === 'message') {
      const before = this.#view.rawDuplicates
      for (const shown of this.#view.accept(frame, nowMs())) this.#handlers.onShown(shown)
      if (this.#view.rawDuplicates > before) this.#tally.redelivered()
    } else if (frame.type === 'head') this.#view.heads(frame.heads, nowMs())
    else if (frame.type === 'gap') this.#view.more(frame.conversation, frame.headSeq, nowMs())
    else this.#handlers.onFrame(frame)
  }

  #askForHoles(): void {
    for (const { conversation, cursor } of this.#view.due(nowMs()))
      this.#socket?.send({ type: 'resume', cursors: { [conversation]: cursor }, only: conversation })
  }
}
