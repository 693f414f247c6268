import { isDeepStrictEqual } from 'node:util'
import type { SendOutcome } from '#client'
import type { GpuFaults } from '#contracts/http'
import type { Band } from '#evidence/bands'
import type { Ended, EventOf, HistoryEvent } from '#evidence/history'
import type { ModelTask } from '#predictor'
import type { Lab } from '../lab/lab.ts'
import { type PartKind, settingsOf } from '../lab/plan.ts'
import { type Expected, until, type Within } from '../lab/until.ts'
import { type ArmModel, armModel } from './arm-model.ts'
import { Askers, Device } from './devices.ts'
import type { Exits } from './exits.ts'
import type { GpuLogs } from './gpu-logs.ts'
import { heldTasks } from './held.ts'
import { type PartGroup, partGroup, refuseNotOurs } from './part-group.ts'
import { Plain } from './plain.ts'
import { PushAskers, type PushOptions } from './push.ts'
import type { Recorder } from './recorder.ts'
import { settled } from './rest.ts'
import { type WarmUp, warmUp } from './warm-up.ts'

export interface ArmLabParts {
  lab: Lab
  recorder: Recorder
  logs: GpuLogs
  exits: Exits
  seed: number
  /** What the arms of one run share. */
  shared: Map<string, number>
  /** Ends every wait of the script. */
  signal: AbortSignal
  /** Whether texts are kept, for comparison with a model's words. */
  keepsTexts: boolean
  endsWhen: { what: string; holds: (lab: ArmLab) => Promise<boolean> } | undefined
  closing: AsyncDisposableStack
}

/** A lab as the script of a scenario sees it. Whatever is done through it is recorded. */
export class ArmLab {
  /** Verbs on the workers. */
  readonly workers: PartGroup
  /** Verbs on the IM nodes. */
  readonly nodes: PartGroup
  /** Verbs on the simulated GPUs. */
  readonly gpus: PartGroup
  /** Verbs on RabbitMQ, on all of its nodes or by name. */
  readonly broker: PartGroup
  /** Broker and database without our services, for claims about them alone. */
  readonly plain: Plain
  readonly #parts: ArmLabParts
  readonly #devices = new Set<Device>()
  readonly #running: Set<string>
  #names = 0

  constructor(parts: ArmLabParts) {
    this.#parts = parts
    this.#running = new Set(parts.lab.plan.workers.map(({ name }) => name))
    this.workers = this.#group('worker')
    this.nodes = this.#group('im-node')
    this.gpus = this.#group('gpu')
    this.broker = this.#group('broker')
    this.plain = new Plain(parts, this.broker)
  }

  /** A real model server's answers so far. */
  get reported(): EventOf<'reported'>[] {
    return this.#parts.recorder.events.filter(event => event.kind === 'reported')
  }

  /** Names of all IM nodes. */
  get nodeNames(): string[] {
    return this.#parts.lab.plan.imNodes
  }

  /** Names of all workers, in the order of the service times of a prompt. */
  get workerNames(): string[] {
    return this.#parts.lab.plan.workers.map(({ name }) => name)
  }

  /** The predictor's view of this arm.
   *  @throws Error where a GPU has no fixed service time: use `EXACT_GPUS`. */
  get model(): ArmModel {
    return armModel(this.#parts.lab.plan, this.#parts.seed)
  }

  /** Brings a device of a user online. It goes offline at the end of the arm.
   *  @param on IM nodes that it knows; it tries them in this order. */
  async device(user: string, { on }: { on: string[] }): Promise<Device> {
    const { lab, recorder, seed, keepsTexts, signal, closing } = this.#parts
    this.#names += 1
    const device = await Device.online(lab, recorder, `${user}.${this.#names}`, { user, on, seed, keepsTexts, signal })
    this.#devices.add(device)
    closing.defer(() => this.offline(device))
    return device
  }

  /** Takes a device offline for good; its view stays in the history. `lost` still expects every
   *  message on it: stop its node for a user who is to come back. */
  async offline(device: Device): Promise<void> {
    if (this.#devices.delete(device)) await device[Symbol.asyncDispose]()
  }

  /** Brings users online: `user-0`, `user-1` … with a device each.
   *  @param on IM nodes, taken in turn; each user knows one. */
  async users(count: number, { on }: { on: string[] }): Promise<Askers> {
    const devices = await Promise.all(Array.from({ length: count }, (_, i) => this.device(`user-${i}`, { on: [on[i % on.length] ?? ''] })))
    return new Askers(devices, this.#parts.signal)
  }

  /** Users as those of `lab.users`, whose prompts a balancer pushes straight to the GPUs. */
  push(users: number, options: PushOptions): Promise<PushAskers> {
    return PushAskers.behind(this.#parts, users, options)
  }

  /** A queue, such as `bot.tasks`. `ready()`: messages in it; undefined where it does not exist.
   *  `home()`: the node of the broker that leads it, or on which it lies. */
  queue(name: string): { ready(): Promise<number | undefined>; home(): Promise<string> } {
    const { lab } = this.#parts
    return { ready: async () => (await lab.queue(name))?.ready, home: async () => (await lab.leaders()).get(name) ?? 'none' }
  }

  /** Unsettled tasks that a worker holds, by its own count; undefined if it does not answer. */
  async heldBy(worker: string): Promise<number | undefined> {
    return heldTasks(await this.#parts.lab.held()).get(worker)?.held
  }

  /** Whether a part is ready now. A worker whose model server is sick is not. */
  async isReady(part: string): Promise<boolean> {
    return (await this.#parts.lab.status()).some(({ name, state }) => name === part && state === 'ready')
  }

  /** Every inference so far, from the logs of the simulated GPUs. */
  async inferences(): Promise<Extract<HistoryEvent, { kind: 'inference' }>[]> {
    await this.#parts.logs.read()
    return this.#parts.logs.events()
  }

  /** Looks until the value is the expected one. To let time pass, use `askAt`.
   *  @returns the value that satisfied
   *  @throws TIMED_OUT at the deadline, with the last value seen. */
  until<T>(what: string, look: () => T | Promise<T>, expected: Expected<T> & Within): Promise<T> {
    return until(what, look, { signal: this.#parts.signal, ...expected })
  }

  /** How many prompts got the notice that no worker is online. */
  told(): number {
    const events = this.#parts.recorder.events.filter(event => event.kind === 'waiting' && event.workersOnline === 0)
    return new Set(events.map(event => (event.kind === 'waiting' ? event.task : ''))).size
  }

  /** Waits until a worker's GPU runs an inference, nothing is left to do, or the deadline.
   *  @returns whether one runs. */
  async untilRunningOn(worker: string, within: { withinMs: number }): Promise<boolean> {
    return this.untilOrRest(async () => (await this.inferences()).some(run => run.worker === worker && run.outcome === 'running'), within)
  }

  /** Starts a worker on a backlog and waits until it holds as many tasks as its prefetch allows.
   *  @throws TIMED_OUT at the deadline. */
  async connectAndTake(worker: string, { withinMs }: { withinMs: number }): Promise<void> {
    const { lab } = this.#parts
    const waiting = (await lab.queue('bot.tasks'))?.ready ?? 0
    await this.workers.start(worker)
    await this.until(`${worker} has taken its window`, () => this.heldBy(worker), {
      equals: Math.min(waiting, settingsOf(lab.plan, worker).workerPrefetchTasks),
      withinMs,
    })
  }

  /** Marks a stored prompt for the checks: a poison is one that no model can answer.
   *  @returns its task */
  mark(sent: SendOutcome, as: 'poison'): string {
    if (sent.state !== 'stored' || sent.task === undefined) throw new Error(`a prompt was not stored but ${sent.state}`)
    this.#parts.recorder.record({ kind: 'marked', task: sent.task, as })
    return sent.task
  }

  /** Sets the fault switches of one GPU, or of all `gpus`, and reads them back as proof.
   *  @param faults all switches that are on; `{}` heals */
  async faults(gpus: string, faults: GpuFaults): Promise<void> {
    const { lab, recorder, signal } = this.#parts
    signal.throwIfAborted()
    for (const part of lab.names(gpus)) {
      const holds = isDeepStrictEqual(await lab.faults(part, faults), faults)
      recorder.record({ kind: 'fault', part, action: 'faults', switches: { ...faults }, ...(holds ? { proof: 'read back' } : {}) })
    }
  }

  /** The value that the first arm gave under this name, so that all arms offer the same load. */
  fromFirstArm(name: string, value: number): number {
    const { shared } = this.#parts
    const first = shared.get(name) ?? value
    shared.set(name, first)
    return first
  }

  /** Has prompts answered in rounds; the last round measures the gap. Measures begin after it.
   *  @param prompts of each round
   *  @param options `ask`: the text of a prompt, default: one that gets a short answer, at any time
   *  scale; `rounds`, default 3; `withinMs` of a round, default 30 s
   *  @returns the gap between two inferences of one worker while prompts wait. Milliseconds
   *  @throws TIMED_OUT if a round takes too long. */
  warmUp(askers: Askers, prompts: number, options: WarmUp = {}): Promise<number> {
    return warmUp(this.#parts, askers, prompts, options, withinMs => this.#rest(withinMs))
  }

  /** Records the service time of each prompt on each worker's GPU, for GPUs whose times vary. */
  works(tasks: readonly Pick<ModelTask, 'id' | 'serviceMs'>[]): void {
    for (const { id: task, serviceMs } of tasks) this.#parts.recorder.record({ kind: 'work', task, serviceMs: [...serviceMs] })
  }

  /** Records the bands that `predictedBands` made. Call it before the load begins. */
  expect(bands: Readonly<Record<string, Band>>): void {
    for (const [measure, band] of Object.entries(bands)) this.#parts.recorder.record({ kind: 'expected', measure, ...band })
  }

  /** Waits until the condition holds or nothing is left to do. The deadline throws nothing.
   *  @returns whether it holds. */
  async untilOrRest(holds: () => boolean | Promise<boolean>, { withinMs }: { withinMs: number }): Promise<boolean> {
    const { ended } = await this.#rest(withinMs, async () => ((await holds()) ? 'it holds' : undefined))
    return ended === 'own-condition'
  }

  /** Waits until nothing is left to do, or `endsWhen` of the arm holds. The deadline is recorded:
   *  checks that need rest are then unknown. */
  async quiescent({ withinMs }: { withinMs: number }): Promise<void> {
    const { endsWhen, recorder } = this.#parts
    const own = async () => ((await endsWhen?.holds(this)) ? endsWhen?.what : undefined)
    const { ended, lastSeen } = await this.#rest(withinMs, own)
    recorder.record({ kind: 'rest', ended, lastSeen })
  }

  async #rest(withinMs: number, orWhen = async (): Promise<string | undefined> => undefined): Promise<{ ended: Ended; lastSeen: string }> {
    const { lab, logs, signal } = this.#parts
    const look = () => ({ lab, logs, devices: [...this.#devices].map(device => device.state()), workers: [...this.#running] })
    return settled(look, { withinMs, signal, orWhen })
  }

  #group(kind: PartKind): PartGroup {
    const { lab, recorder, exits, signal } = this.#parts
    const during = async <T>(act: () => Promise<T>) => {
      signal.throwIfAborted() // An abandoned script may still run, in a lab being removed.
      refuseNotOurs(kind, lab.plan)
      return exits.during(act)
    }
    return partGroup(lab, kind, recorder, during, (verb, part) => {
      if (verb === 'stop' || verb === 'kill') this.#running.delete(part)
      if (verb === 'start' && kind === 'worker') this.#running.add(part)
    })
  }
}
