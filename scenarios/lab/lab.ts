import type { Channel, ConfirmChannel } from 'amqplib'
import { ChatClient, type ChatOptions } from '#client'
import { GpuFaults, Held, type Inference, InferenceLog } from '#contracts/http'
import type { Settings } from '#contracts/settings'
import { type BrokerRole, DEAD_QUEUE, taskQueue } from '#contracts/topology'
import { LabError } from './errors.ts'
import { leadersIn } from './leaders.ts'
import { checkPlan, DEFAULT_PLAN, type LabPlan, PART_GROUPS, type Part, settingsOf, unknownPart } from './plan.ts'
import type { MachineLoad, OnPart, PartRequest, PartStatus, Runtime } from './runtime/types.ts'
import { Verbs } from './runtime/verbs.ts'
import { introduced, type QueueCount, Sessions, type SqlSession } from './sessions.ts'
import { type Expected, until, type Within } from './until.ts'

export interface LabPart extends Part {
  urls: Record<string, string>
}

/** A running lab: its parts, verbs and questions, on any runtime. */
export class Lab extends Verbs implements AsyncDisposable {
  readonly name: string
  /** What users log in with. */
  readonly secret: string
  readonly #runtime: Runtime
  /** A private lab ends with its handle; that of `lab:up` does not. */
  readonly #endsWithHandle: boolean
  #sessions: Sessions
  #clients = new AsyncDisposableStack()

  constructor(name: string, secret: string, runtime: Runtime, endsWithHandle: boolean) {
    super()
    this.name = name
    this.secret = secret
    this.#runtime = runtime
    this.#endsWithHandle = endsWithHandle
    this.#sessions = new Sessions(runtime)
  }

  get plan(): LabPlan {
    return this.#runtime.plan
  }

  get runtime(): Runtime['name'] {
    return this.#runtime.name
  }

  get parts(): LabPart[] {
    return this.#runtime.parts.map(part => ({ ...part, urls: this.#runtime.urls(part.name) }))
  }

  /** Part names from kinds (`workers`), as people type them, or names. Throws UNKNOWN_PART. */
  names(...wanted: string[]): string[] {
    const parts = this.#runtime.parts.map(part => part.name)
    return wanted.flatMap(name => {
      const kind = PART_GROUPS[name]
      if (kind !== undefined) return this.#runtime.parts.filter(part => part.kind === kind).map(part => part.name)
      if (!parts.includes(name)) throw unknownPart(name, parts, this.name, Object.keys(PART_GROUPS))
      return [name]
    })
  }

  /** The first URL of a part, or the named one (`control` of a GPU). */
  url(part: string, which = 'http'): string {
    const url = this.#runtime.urls(part)[which]
    if (url === undefined)
      throw new LabError('UNKNOWN_PART', `${part} has no ${which} address; it has ${Object.keys(this.#runtime.urls(part)).join(', ')}`)
    return url
  }

  status(): Promise<PartStatus[]> {
    return this.#runtime.status()
  }

  /** Parts that ended unasked, perhaps one that is being started. */
  exited(): Promise<string[]> {
    return this.#runtime.exited()
  }

  up(onPart: OnPart, signal: AbortSignal): Promise<void> {
    return this.#runtime.up(onPart, signal)
  }

  /** Fresh services of another plan, in a fresh space; earlier clients are closed. */
  async renew(plan: Partial<LabPlan> = {}, signal = new AbortController().signal): Promise<void> {
    const whole = { ...DEFAULT_PLAN, ...plan }
    checkPlan(whole)
    await this.#close()
    this.#clients = new AsyncDisposableStack()
    this.#sessions = new Sessions(this.#runtime)
    await this.#runtime.renew(whole, signal)
  }

  protected verbs(): Runtime {
    return this.#runtime
  }

  logTail(part: string, lines: number): Promise<string> {
    return this.#runtime.logTail(part, lines)
  }

  logFollow(part: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    return this.#runtime.logFollow(part, onText, signal)
  }

  /** A connected chat client. @param nodes by name, in order; default all. */
  async client(
    user: string,
    { nodes = this.plan.imNodes, ...options }: { nodes?: string[] } & Partial<ChatOptions> = {},
  ): Promise<ChatClient> {
    const urls = nodes.map(node => this.url(node))
    return this.#clients.use(await ChatClient.connect({ secret: this.secret, ...options, nodes: urls, user }))
  }

  /** Versions of the broker and the database, as they say themselves. */
  async versions(): Promise<{ broker: string; database: string }> {
    const broker = await introduced(await this.broker())
    const [row] = await this.sql<{ server_version: string }>('show server_version')
    return { broker, database: `PostgreSQL ${row?.server_version ?? ''}` }
  }

  /** Keeps a private lab after this process; `lab:status` takes its name. */
  async keep(): Promise<void> {
    await this.#close()
    await this.#runtime.keep()
  }

  /** Settings of a part as they were planned. */
  settings(part: string): Settings {
    return settingsOf(this.plan, part)
  }

  /** Effective settings, as the part itself shows them. */
  async shownSettings(part: string): Promise<Partial<Record<keyof Settings, unknown>>> {
    return ((await this.#json(part, '/settings')) as { settings: Partial<Record<keyof Settings, unknown>> }).settings
  }

  /** CPU time of the machine, and of the lab with this process; the rest is others'. */
  machineLoad(): Promise<MachineLoad> {
    return this.#runtime.machineLoad()
  }

  /** Work queues and the dead-letter queue. */
  get queues(): string[] {
    const settings = settingsOf(this.plan, this.plan.imNodes[0] ?? '')
    return [...settings.capabilitiesOffered.map(taskQueue), DEAD_QUEUE]
  }

  /** Without the dead-letter queue. */
  get workQueues(): string[] {
    return this.queues.filter(name => name !== DEAD_QUEUE)
  }

  /** By passive declare. undefined when there is no such queue. */
  queue(name: string): Promise<QueueCount | undefined> {
    return this.#sessions.count(name)
  }

  /** Of each queue the broker's node that leads it, or on which it lies; none without a leader. */
  leaders(): Promise<Map<string, string>> {
    return leadersIn(this.#runtime)
  }

  /** A plain channel to the broker; the caller closes it. @param role default: all rights */
  broker(role: BrokerRole = 'lab'): Promise<Channel> {
    return this.#sessions.channel(role)
  }

  /** The same, with confirms. */
  confirmChannel(role: BrokerRole = 'lab'): Promise<ConfirmChannel> {
    return this.#sessions.confirmChannel(role)
  }

  /** A query for claims about the database. @param role default: the owner. */
  sql<R extends Record<string, unknown>>(text: string, values: unknown[] = [], role: 'im' | 'worker' | 'lab' = 'lab'): Promise<R[]> {
    return this.#sessions.query<R>(text, values, role)
  }

  /** A session for transactions; the caller ends it, which rolls back. @param role see `sql` */
  sqlSession(role: 'im' | 'worker' | 'lab' = 'lab'): Promise<SqlSession> {
    return this.#sessions.session(role)
  }

  /** With credentials, for a process that works beside the lab's parts. Native only. */
  serverUrls(role: 'im' | 'worker' | 'lab'): { amqp: string; database: string } {
    return { amqp: this.#runtime.amqpUrl(role), database: this.#runtime.databaseUrl(role) }
  }

  /** What each living worker holds unacknowledged, per queue. */
  readonly held = (): Promise<Held[]> => this.ofWorkers('/held', Held)

  /** What each worker says of itself, but for those that do not answer. */
  async ofWorkers<T>(path: '/held' | '/held?tasks=1' | '/steps', { parse }: { parse(given: unknown): T }): Promise<T[]> {
    const answers = await Promise.allSettled(this.plan.workers.map(async ({ name }) => parse(await this.#json(name, path))))
    return answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
  }

  /** A simulated GPU's log, from an index on. */
  async inferences(gpu: string, after = -1): Promise<Inference[]> {
    return (await this.inferenceLog(gpu, after)).inferences
  }

  /** With `next`: all before it has ended, so the next look misses nothing. */
  async inferenceLog(gpu: string, after: number): Promise<InferenceLog> {
    return InferenceLog.parse(await this.#json(gpu, `/inferences?after=${after}`))
  }

  /** Replaces a simulated GPU's fault switches; `{}` heals. @returns what the GPU read back. */
  async faults(gpu: string, faults: GpuFaults): Promise<GpuFaults> {
    return GpuFaults.parse(await this.#json(gpu, '/faults', { method: 'PUT', body: JSON.stringify(faults) }))
  }

  until<T>(what: string, look: () => T | Promise<T>, expected: Expected<T> & Within): Promise<T> {
    return until(what, look, expected)
  }

  async #json(part: string, path: string, init: Omit<PartRequest, 'signal'> = {}): Promise<unknown> {
    const response = await this.#runtime.request(part, path, { ...init, signal: AbortSignal.timeout(5_000) })
    if (!response.ok) throw new Error(`${part} ${path}: HTTP ${response.status} ${await response.text()}`)
    return response.json()
  }

  async #close(): Promise<void> {
    await this.#clients.disposeAsync()
    await this.#sessions[Symbol.asyncDispose]()
    this.#runtime.close()
  }

  /** Ends the lab and removes every trace. */
  async down(): Promise<void> {
    await this.#close()
    await this.#runtime.down()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#endsWithHandle) await this.down()
    else await this.#close()
  }
}
