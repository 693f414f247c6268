import { v7 as uuidV7 } from 'uuid'
import type { ChatClient, SendOutcome } from '#client'
import type { MessageFrame } from '#contracts/frames'
import type { Lab } from '#lab'
import type { Recorder } from '../experiment/recorder.ts'

/** One user with one device, whose acts go into the console's history. It keeps no texts. */

export interface PersonOptions {
  user: string
  /** IM nodes, the first one first. */
  nodes: string[]
  signal: AbortSignal
  onMessage(frame: MessageFrame, node: string): void
  onPartial?(task: string, text: string): void
  onWaiting?(frame: { task: string; ahead: number; workersOnline: number }): void
  onConnection?(): void
}

export class Person implements AsyncDisposable {
  readonly user: string
  readonly client: ChatClient
  readonly #recorder: Recorder

  private constructor(user: string, client: ChatClient, recorder: Recorder) {
    this.user = user
    this.client = client
    this.#recorder = recorder
  }

  static async online(lab: Lab, recorder: Recorder, options: PersonOptions): Promise<Person> {
    const { user, nodes, signal, onMessage, onPartial, onWaiting, onConnection } = options
    const device = { user, device: `${user}.1` }
    const client: ChatClient = await lab.client(user, {
      nodes,
      signal,
      on: {
        message: frame => {
          recorder.shown(device, frame)
          onMessage(frame, client.node ?? '')
        },
        partial: ({ task, text }) => onPartial?.(task, text),
        waiting: frame => {
          recorder.record({ kind: 'waiting', ...device, task: frame.task, ahead: frame.ahead, workersOnline: frame.workersOnline })
          onWaiting?.(frame)
        },
        connected: ({ node, resumed }) => {
          if (resumed) recorder.record({ kind: 'online', ...device, node })
          onConnection?.()
        },
        disconnected: () => {
          recorder.record({ kind: 'offline', ...device })
          onConnection?.()
        },
      },
    })
    recorder.record({ kind: 'online', ...device, node: client.node ?? '' })
    return new Person(user, client, recorder)
  }

  /** Resolves when it is stored, refused, or its deadline has passed. */
  async send(to: string, body: string, dueMs?: number): Promise<SendOutcome> {
    const base = { user: this.user, device: `${this.user}.1`, clientMessageId: uuidV7() }
    this.#recorder.record({ kind: 'send', ...base, to, ...(dueMs === undefined ? {} : { dueMs: this.#recorder.fromHostMs(dueMs) }) })
    const outcome = await this.client.send(to, body, { clientMessageId: base.clientMessageId })
    this.#recorder.outcome(base, outcome)
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
  }
}
