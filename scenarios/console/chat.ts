import type { Lab } from '#lab'
import type { Recorder } from '../experiment/recorder.ts'
import type { ChatFrame } from './frames.ts'
import { Person } from './person.ts'

/** Two people on two nodes, who write to each other and to the robot. */

const NAMES = ['ann', 'bob'] as const
export type Who = (typeof NAMES)[number]
const LINES_KEPT = 40

export interface ChatHooks {
  onAsked(task: string): void
  onFlow(step: string): void
  /** An apology, or a question that its asker took back. */
  onOver(task: string): void
  /** Something to be seen. */
  onChange(): void
}

interface Seat {
  who: Who
  lines: ChatFrame['lines']
  open: Map<string, ChatFrame['open'][number]>
  person: Promise<Person> | undefined
  client: Person['client'] | undefined
}

export class Chat {
  readonly #lab: Lab
  readonly #recorder: Recorder
  readonly #hooks: ChatHooks
  readonly #signal: AbortSignal
  readonly #seats = new Map<Who, Seat>(NAMES.map(who => [who, { who, lines: [], open: new Map(), person: undefined, client: undefined }]))

  constructor(lab: Lab, recorder: Recorder, hooks: ChatHooks, signal: AbortSignal) {
    this.#lab = lab
    this.#recorder = recorder
    this.#hooks = hooks
    this.#signal = signal
  }

  /** Both go online; one who cannot tries again at the next call. */
  enter(): void {
    for (const seat of this.#seats.values()) this.#person(seat).catch(() => undefined)
  }

  /** @param to the other one, or the robot */
  async say(who: Who, to: 'other' | 'robot', text: string): Promise<void> {
    const seat = this.#seat(who)
    const person = await this.#person(seat)
    const other = NAMES.find(name => name !== who) ?? who
    const outcome = await person.send(to === 'robot' ? person.client.robot : other, text)
    if (outcome.state !== 'stored') throw new Error(`${outcome.state}: ${outcome.code ?? ''} ${outcome.detail}`)
    const { task } = outcome
    if (task === undefined) return
    this.#hooks.onAsked(task)
    // A short answer may have come before.
    if (!seat.lines.some(line => line.task === task)) this.#open(seat, task, {})
  }

  async cancel(who: Who, task: string): Promise<void> {
    const seat = this.#seat(who)
    const outcome = await (await this.#person(seat)).client.cancel(task)
    if (outcome.state !== 'cancelled') return
    seat.open.delete(task)
    this.#hooks.onOver(task)
    this.#hooks.onChange()
  }

  frames(): ChatFrame[] {
    return [...this.#seats.values()].map(({ who, lines, open, client }) => ({
      ...{ who, node: client?.node ?? '', online: client?.online ?? false, lines: [...lines], open: [...open.values()] },
    }))
  }

  #seat(who: Who): Seat {
    const seat = this.#seats.get(who)
    if (seat === undefined) throw new Error(`nobody of that name: ${who}`)
    return seat
  }

  #open(seat: Seat, task: string, change: Partial<ChatFrame['open'][number]>): void {
    const known = seat.open.get(task) ?? { task, text: '', ahead: null, workersOnline: null }
    seat.open.set(task, { ...known, ...change })
    this.#hooks.onChange()
  }

  #person(seat: Seat): Promise<Person> {
    const { imNodes } = this.#lab.plan
    const first = NAMES.indexOf(seat.who) % imNodes.length
    seat.person ??= Person.online(this.#lab, this.#recorder, {
      user: seat.who,
      nodes: [...imNodes.slice(first), ...imNodes.slice(0, first)],
      signal: this.#signal,
      onMessage: ({ sender, to, body, task, answered, seq }, node) => {
        this.#hooks.onFlow(sender === seat.who ? `in:${node}` : `out:${node}`)
        seat.lines.push({ id: `${sender} ${to} ${seq}`, sender, to, text: body, ...(task === undefined ? {} : { task }) })
        if (seat.lines.length > LINES_KEPT) seat.lines.shift()
        if (task !== undefined) seat.open.delete(task)
        if (task !== undefined && answered === false) this.#hooks.onOver(task)
        this.#hooks.onChange()
      },
      onPartial: (task, text) => this.#open(seat, task, { text }),
      onWaiting: ({ task, ahead, workersOnline }) => this.#open(seat, task, { ahead, workersOnline }),
      onConnection: () => this.#hooks.onChange(),
    })
    seat.person.then(
      person => {
        seat.client = person.client
        this.#hooks.onChange()
      },
      () => {
        seat.person = undefined
      },
    )
    return seat.person
  }

  async leave(): Promise<void> {
    await Promise.allSettled(this.#seats.values().map(async ({ person }) => (await person)?.[Symbol.asyncDispose]()))
  }
}
