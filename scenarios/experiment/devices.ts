import { v5 as uuidV5 } from 'uuid'
import type { ChatClient, SendOutcome } from '#client'
import type { Capability } from '#contracts/ids'
import type { ModelTask } from '#predictor'
import { eachAtItsTime, hostNowMs } from '../lab/clock.ts'
import type { Lab } from '../lab/lab.ts'
import type { Recorder } from './recorder.ts'
import type { RestingDevice } from './rest.ts'

/** Users and devices in a script; what they do and see goes into the history. */

const NAMESPACE = '0c1d4f53-9a6e-5f0e-8a54-3b0a1f3f7f10'

/** Shown messages of a device, in its order. */
export interface Shown {
  /** User id of its sender. */
  sender: string
  /** Its text. */
  body: string
  /** The task that it answers; undefined for a message of a person. */
  task: string | undefined
}

export interface DeviceOptions {
  user: string
  /** IM nodes, the first one first. */
  on: string[]
  seed: number
  /** Whether what it shows of answers is written down word for word. */
  keepsTexts?: boolean
  /** Takes it offline: no send is awaited any longer, and none is begun. */
  signal: AbortSignal
}

/** One device of one user, online. */
export class Device implements AsyncDisposable {
  /** User id. */
  readonly user: string
  /** The user's name, a dot and a number. */
  readonly name: string
  /** What it has shown so far, in its order. */
  readonly shown: readonly Shown[]
  /** The chat client below it. What is done through it directly is not recorded. */
  readonly client: ChatClient
  readonly #recorder: Recorder
  readonly #seed: number
  readonly #signal: AbortSignal
  #sends = 0

  private constructor(name: string, { user, seed, signal }: DeviceOptions, client: ChatClient, recorder: Recorder, shown: Shown[]) {
    this.name = name
    this.user = user
    this.client = client
    this.#recorder = recorder
    this.#seed = seed
    this.#signal = signal
    this.shown = shown
  }

  static async online(lab: Lab, recorder: Recorder, name: string, options: DeviceOptions): Promise<Device> {
    const { user, on, keepsTexts = false, signal } = options
    signal.throwIfAborted()
    const shown: Shown[] = []
    const parts = new Map<string, string[]>()
    const client = await lab.client(user, {
      nodes: on,
      signal,
      on: {
        message: frame => {
          const { sender, body, task } = frame
          shown.push({ sender, body, task })
          recorder.shown({ user, device: name }, frame)
          if (!keepsTexts || task === undefined) return
          const seen = parts.get(task) ?? []
          recorder.record({
            kind: 'read',
            task,
            device: name,
            text: body,
            partials: seen.length,
            grew: seen.every(part => body.startsWith(part)),
          })
        },
        partial: ({ task, text }) => {
          if (keepsTexts) parts.set(task, [...(parts.get(task) ?? []), text.trimEnd()])
        },
        connected: ({ node, resumed }) => {
          // The first time is written down below, when the device is whole.
          if (resumed) recorder.record({ kind: 'online', user, device: name, node })
        },
        refused: ({ ref, code, retryable }) => {
          if (retryable) recorder.record({ kind: 'retried', user, device: name, clientMessageId: ref, code })
        },
        disconnected: () => recorder.record({ kind: 'offline', user, device: name }),
        waiting: ({ task, ahead, workersOnline }) => recorder.record({ kind: 'waiting', user, device: name, task, ahead, workersOnline }),
      },
    })
    recorder.record({ kind: 'online', user, device: name, node: client.node ?? '' })
    return new Device(name, options, client, recorder, shown)
  }

  /** Sends a message; resolves when it is stored, refused or its deadline has passed.
   *  @param to user id
   *  @param due open loop: the intended time on the host's clock, from which waits count
   *  @param capability of a prompt; default `chat` */
  async send(to: string, body: string, due?: { hostMs: number }, capability?: Capability): Promise<SendOutcome> {
    this.#signal.throwIfAborted()
    this.#sends += 1
    const clientMessageId = uuidV5(`${this.#seed}:${this.name}:${this.#sends}`, NAMESPACE)
    const base = { user: this.user, device: this.name, clientMessageId }
    this.#recorder.record({ kind: 'send', ...base, to, ...(due === undefined ? {} : { dueMs: this.#recorder.fromHostMs(due.hostMs) }) })
    const outcome = await this.client.send(to, body, { clientMessageId, ...(capability === undefined ? {} : { capability }) })
    this.#recorder.outcome(base, outcome)
    this.#signal.throwIfAborted()
    return outcome
  }

  /** Sends a prompt to the robot. As `send`. */
  ask(prompt: string, due?: { hostMs: number }, capability?: Capability): Promise<SendOutcome> {
    return this.send(this.client.robot, prompt, due, capability)
  }

  /** What the wait for rest looks at. */
  state(): RestingDevice {
    const { name, user, shown, client } = this
    const { online, pendingSends, sequenced, view } = client
    return { name, user, shown: shown.length, online, pendingSends, sequenced, cursors: view.cursors() }
  }

  /** Goes offline; what it has shown and counted stays in the history. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#recorder.record({ kind: 'counted', user: this.user, device: this.name, ...this.client.counters })
    await this.client[Symbol.asyncDispose]()
  }
}

/** Many users with one device and one conversation with the robot each. */
export class Askers {
  /** One a user. */
  readonly devices: readonly Device[]
  readonly #signal: AbortSignal
  #next = 0

  constructor(devices: readonly Device[], signal: AbortSignal) {
    this.devices = devices
    this.#signal = signal
  }

  /** Asks all prompts at once, each by the next user in turn. Resolves when all are stored. */
  async askEach(prompts: readonly string[]): Promise<SendOutcome[]> {
    return Promise.all(prompts.map(prompt => this.#take().ask(prompt)))
  }

  /** Asks one prompt after the other, each when the one before is stored. */
  async askInTurn(prompts: readonly string[]): Promise<void> {
    for (const prompt of prompts) await this.#take().ask(prompt)
  }

  /** Asks each prompt at its own time (open loop). Resolves when the last is stored.
   *  @param tasks `publishedMs` counts from now; `text` defaults to `question N` */
  async askAt(tasks: readonly (Pick<ModelTask, 'publishedMs'> & { text?: string })[]): Promise<SendOutcome[]> {
    const startMs = hostNowMs()
    const atMs = tasks.map(task => startMs + task.publishedMs)
    const sends: Promise<SendOutcome>[] = []
    await eachAtItsTime(atMs, this.#signal, index => {
      const sent = this.#take().ask(tasks[index]?.text ?? `question ${index}`, { hostMs: atMs[index] ?? startMs })
      sent.catch(() => undefined) // Told below, when all are on their way.
      sends.push(sent)
    })
    this.#signal.throwIfAborted()
    return Promise.all(sends)
  }

  /** How many messages of the robot the devices have shown so far, apologies included. */
  answers(): number {
    return this.devices.reduce((sum, device) => sum + device.shown.filter(message => message.task !== undefined).length, 0)
  }

  #take(): Device {
    const device = this.devices[this.#next % this.devices.length]
    if (device === undefined) throw new Error('no askers')
    this.#next += 1
    return device
  }
}
