import type { ConfirmChannel } from 'amqplib'
import { conversationId, taskId } from '#contracts/ids'
import type { Task } from '#contracts/tasks'
import {
  ANSWER_QUEUE,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  DEAD_QUEUE_DECLARATION,
  FANOUT_EXCHANGE,
  taskQueue,
  taskQueueDeclaration,
} from '#contracts/topology'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { LabError } from '../../lab/errors.ts'
import type { Lab } from '../../lab/lab.ts'
import type { FaultLink } from '../../lab/link/fault-link.ts'
import { settingsOf } from '../../lab/plan.ts'
import { pause, until } from '../../lab/until.ts'
import { type PartGroup, partGroup } from '../part-group.ts'
import type { Recorder } from '../recorder.ts'
import { answeredTask } from './answers.ts'
import { Wire } from './wire.ts'

/** A worker of somebody's own between our queue and our simulated GPUs, for a script to try. */

const QUEUE = taskQueue('chat')
/** A program may have to compile first. Milliseconds. */
const CONSUMES_WITHIN_MS = 60_000
const LOG_LINES = 20
/** Of an answer in the evidence. Characters. */
const BEGINS = 120
const WORKS_WITHIN_MS = 15_000

export interface OwnWorkerParts {
  lab: Lab
  recorder: Recorder
  signal: AbortSignal
  closing: AsyncDisposableStack
}

export class OwnWorker {
  readonly #parts: OwnWorkerParts
  readonly #channel: ConfirmChannel
  readonly #name: string
  readonly #verbs: PartGroup
  readonly #link: FaultLink
  readonly #wire: Wire
  /** By task: whether no model can answer it. */
  readonly #sent = new Map<string, boolean>()
  readonly #answered = new Set<string>()
  #started = false

  private constructor(parts: OwnWorkerParts, channel: ConfirmChannel, link: FaultLink, heartbeatSeconds: number | undefined) {
    const { lab, recorder } = parts
    this.#parts = parts
    this.#channel = channel
    this.#link = link
    this.#name = lab.plan.commands?.[0]?.name ?? ''
    this.#verbs = partGroup(lab, 'command', recorder)
    const isTask = (id: string) => this.#sent.has(id)
    this.#wire = new Wire({ recorder, isTask, answers: (exchange, key, body) => this.#taskOf(exchange, key, body), heartbeatSeconds })
    link.watch = this.#wire
  }

  /** Declares the queues and watches the way to the broker. The worker does not run yet.
   *  @param heartbeatSeconds what the broker proposes to it; undefined = its default */
  static async before(parts: OwnWorkerParts, heartbeatSeconds?: number): Promise<OwnWorker> {
    const { lab, closing } = parts
    const [command] = lab.plan.commands ?? []
    if (command === undefined) throw new Error('the plan has no command')
    const channel = await lab.confirmChannel()
    closing.defer(() => channel.close().catch(() => undefined))
    await channel.assertExchange(DEAD_EXCHANGE, 'fanout')
    for (const { name, options } of [taskQueueDeclaration('chat', settingsOf(lab.plan, command.name)), DEAD_QUEUE_DECLARATION])
      await channel.assertQueue(name, options)
    await channel.bindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '')
    await channel.assertQueue(ANSWER_QUEUE, { durable: true })
    const worker = new OwnWorker(parts, channel, await lab.brokerLink(command.name), heartbeatSeconds)
    // Our own worker answers there.
    await channel.assertExchange(FANOUT_EXCHANGE, 'fanout')
    const { queue } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(queue, FANOUT_EXCHANGE, '')
    for (const from of [ANSWER_QUEUE, queue])
      await channel.consume(from, message => message !== null && worker.#receive(message.fields.exchange, message.content), { noAck: true })
    return worker
  }

  /** Starts it and waits until it consumes. That it does not come up a second time is for the
   *  checks. Throws COMMAND_EXITED, COMMAND_SILENT. */
  async start(): Promise<void> {
    const before = this.#seen('consumes').length
    // One that has ended by now is looked at below.
    await this.#verbs.start().catch((error: unknown) => {
      if (!(error instanceof LabError) || error.code !== 'PART_NOT_READY') throw error
    })
    const startedMs = performance.now()
    while (this.#seen('consumes').length === before) {
      const late = performance.now() - startedMs > CONSUMES_WITHIN_MS
      const ended = await this.#hasEnded()
      if (ended && this.#started) return
      if (ended) throw await this.#trouble('COMMAND_EXITED', `ended before it consumed from ${QUEUE}`)
      if (late && this.#started) return
      if (late) throw await this.#trouble('COMMAND_SILENT', `runs and does not consume from ${QUEUE} after ${CONSUMES_WITHIN_MS / 1_000} s`)
      await pause(25, this.#parts.signal)
    }
    this.#started = true
  }

  /** Puts tasks into the queue. @param poison index of one that no model can answer */
  async send(count: number, poison = -1): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const conversation = conversationId('asker', `${this.#sent.size}`)
      const id = taskId(conversation, 1)
      this.#sent.set(id, i === poison)
      const prompt = i === poison ? `${POISON}: no model can answer this` : `question ${i}`
      const message = { conversation, seq: 1, sender: 'asker', clientMessageId: id, sentAt: new Date().toISOString() }
      const task: Task = { v: 1, id, capability: 'chat', message, prompt, robot: 'URobot' }
      this.#parts.recorder.record({ kind: 'task-sent', task: id, poison: i === poison })
      const properties = { messageId: id, correlationId: id, replyTo: ANSWER_QUEUE, contentType: 'application/json', persistent: true }
      this.#channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(task)), properties)
    }
    await this.#channel.waitForConfirms()
  }

  /** Until its GPU works on a task. */
  async works(): Promise<void> {
    const { lab, signal } = this.#parts
    const gpu = lab.plan.commands?.[0]?.gpu ?? ''
    const running = async () => (await lab.inferences(gpu)).some(({ outcome }) => outcome === 'running')
    await until('the worker asks its model server', running, { equals: true, withinMs: WORKS_WITHIN_MS, signal, everyMs: 5 })
  }

  kill(): Promise<void> {
    return this.#verbs.kill()
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    const startedMs = performance.now()
    await this.#verbs.stop()
    this.#parts.recorder.record({ kind: 'asked-to-end', tookMs: performance.now() - startedMs })
  }

  /** Cuts the way to the broker and opens it again. */
  async cut(forMs: number): Promise<void> {
    const { recorder, signal } = this.#parts
    recorder.record({ kind: 'way-cut', forMs })
    await this.#link.set({ down: true })
    await pause(forMs, signal)
    await this.#link.set({})
    recorder.record({ kind: 'way-open' })
  }

  /** Lets a fault last. */
  lasts(forMs: number): Promise<void> {
    return pause(forMs, this.#parts.signal)
  }

  /** Until each task has its answer or its end and nothing is held, or the time is over; then
   *  records where the others are. */
  async settled(withinMs: number): Promise<void> {
    const { recorder, signal } = this.#parts
    const untilMs = performance.now() + withinMs
    for (;;) {
      const { messageCount: waiting } = await this.#channel.checkQueue(QUEUE)
      const { messageCount: dead } = await this.#channel.checkQueue(DEAD_QUEUE)
      const open = [...this.#sent.keys()].filter(task => !this.#answered.has(task))
      const idle = waiting === 0 && this.#wire.held.length === 0
      if ((idle && open.length <= dead) || performance.now() > untilMs) break
      await pause(50, signal)
    }
    this.#wire.end()
    if (await this.#hasEnded()) recorder.record({ kind: 'ended-unasked' })
    await this.#recordLeft()
    recorder.record({ kind: 'rest', ended: 'rest', lastSeen: 'nothing left to do, or its time is over' })
  }

  async #recordLeft(): Promise<void> {
    const held = new Set(this.#wire.held)
    const dead = await this.#idsIn(DEAD_QUEUE)
    const waiting = await this.#idsIn(QUEUE)
    for (const task of this.#sent.keys()) {
      if (this.#answered.has(task)) continue
      const where = dead.has(task) ? 'dead-lettered' : held.has(task) ? 'held-by-the-worker' : waiting.has(task) ? 'in-the-queue' : 'gone'
      this.#parts.recorder.record({ kind: 'task-left', task, where })
    }
  }

  /** Looks into a queue; what it took goes back when the channel closes. */
  async #idsIn(queue: string): Promise<Set<string>> {
    const channel = await this.#parts.lab.broker()
    const ids = new Set<string>()
    for (;;) {
      const message = await channel.get(queue)
      if (message === false) break
      ids.add(String(message.properties.messageId ?? ''))
    }
    await channel.close()
    return ids
  }

  /** Something for who asked. @param exchange by which it came */
  #receive(exchange: string, content: Buffer): void {
    const task = answeredTask(exchange, ANSWER_QUEUE, content)
    // News of our own worker, such as a piece of an answer.
    if (task === undefined && exchange !== '') return
    const good = task !== undefined && this.#sent.has(task)
    const begins = content.toString('utf8').slice(0, BEGINS)
    this.#parts.recorder.record({ kind: 'answer-received', task: task ?? '', good, begins })
    if (good) this.#answered.add(task)
  }

  #taskOf(exchange: string, key: string, body: Buffer): string | undefined {
    const task = answeredTask(exchange, key, body)
    return task !== undefined && this.#sent.has(task) ? task : undefined
  }

  #seen<K extends HistoryEvent['kind']>(kind: K): EventOf<K>[] {
    return this.#parts.recorder.events.filter((event): event is EventOf<K> => event.kind === kind)
  }

  async #hasEnded(): Promise<boolean> {
    return (await this.#parts.lab.status()).some(({ name, state }) => name === this.#name && state === 'exited')
  }

  async #trouble(code: 'COMMAND_EXITED' | 'COMMAND_SILENT', what: string): Promise<LabError> {
    const { lab } = this.#parts
    const line = lab.plan.commands?.[0]?.line ?? ''
    const log = (await lab.logTail(this.#name, LOG_LINES)).trim()
    const said = log === '' ? 'It printed nothing.' : `It printed:\n${log.replaceAll(/^/gm, '  ')}`
    return new LabError(
      code,
      `\`${line}\` ${what}.\n${said}\nWhat it is given, and workers to start from: scenarios/worker-contract/README.md`,
    )
  }
}

/** The text that makes a prompt a poison. */
export const POISON = 'poison'
