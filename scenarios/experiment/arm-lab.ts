import { isDeepStrictEqual } from 'node:util'
import type { SendOutcome } from '#client'
import { answerDirective } from '#contracts/gpu-timing'
import type { GpuFaults } from '#contracts/http'
import type { Band } from '#evidence/bands'
import type { Ended, HistoryEvent } from '#evidence/history'
import { gapMidMs, promptsOf } from '#evidence/schedule'
import type { ModelTask } from '#predictor'
import { LabError } from '../lab/errors.ts'
import type { Lab } from '../lab/lab.ts'
import { type PartKind, settingsOf } from '../lab/plan.ts'
import { type Expected, until, type Within } from '../lab/until.ts'
import { type ArmModel, armModel } from './arm-model.ts'
import { armFacts } from './collect.ts'
import { Askers, Device } from './devices.ts'
import type { Exits } from './exits.ts'
import type { GpuLogs } from './gpu-logs.ts'
import { heldTasks } from './held.ts'
import { type PartGroup, partGroup } from './part-group.ts'
import type { Recorder } from './recorder.ts'
import { settled } from './rest.ts'

const WARM_UP_ROUNDS = 3
/** An inference of a warm-up may meet a cold process. Milliseconds. */
const WARM_UP_WITHIN_MS = 30_000
/** About 40 ms of wall time, longer than the way to the broker: gaps are the dispatch's alone. */
const ANSWER_TOKENS_AT_SCALE_1 = 4
const ANSWER_TOKENS_MAX = 999

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
  readonly workers: PartGroup
  readonly nodes: PartGroup
  readonly gpus: PartGroup
  readonly broker: PartGroup
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
  }

  /** All IM nodes, by name. */
  get nodeNames(): string[] {
    return this.#parts.lab.plan.imNodes
  }

  /** All workers, by name, in the order in which service times of a prompt stand. */
  get workerNames(): string[] {
    return this.#parts.lab.plan.workers.map(({ name }) => name)
  }

  /** What the predictor would be asked about this arm. For GPUs of fixed service time. */
  get model(): ArmModel {
    return armModel(this.#parts.lab.plan, this.#parts.seed)
  }

  /** A device of a user comes online. @param on IM nodes that it knows, the first one first. */
  async device(user: string, { on }: { on: string[] }): Promise<Device> {
    const { lab, recorder, seed, keepsTexts, signal, closing } = this.#parts
    this.#names += 1
    const device = await Device.online(lab, recorder, `${user}.${this.#names}`, { user, on, seed, keepsTexts, signal })
    this.#devices.add(device)
    closing.defer(() => this.offline(device))
    return device
  }

  async offline(device: Device): Promise<void> {
    if (this.#devices.delete(device)) await device[Symbol.asyncDispose]()
  }

  /** Users with one device each, alternating over these nodes; each knows only its node. */
  async users(count: number, { on }: { on: string[] }): Promise<Askers> {
    const devices = await Promise.all(Array.from({ length: count }, (_, i) => this.device(`user-${i}`, { on: [on[i % on.length] ?? ''] })))
    return new Askers(devices, this.#parts.signal)
  }

  queue(name: string): { ready(): Promise<number | undefined> } {
    return { ready: async () => (await this.#parts.lab.queue(name))?.ready }
  }

  /** Tasks that a worker holds, as it says itself. */
  async heldBy(worker: string): Promise<number | undefined> {
    return (await heldTasks(this.#parts.lab)).get(worker)?.held
  }

  /** Whether a part is ready: a worker whose model server is sick is not. */
  async isReady(part: string): Promise<boolean> {
    return (await this.#parts.lab.status()).some(({ name, state }) => name === part && state === 'ready')
  }

  /** What the GPUs did so far. */
  async inferences(): Promise<Extract<HistoryEvent, { kind: 'inference' }>[]> {
    await this.#parts.logs.read()
    return this.#parts.logs.events()
  }

  until<T>(what: string, look: () => T | Promise<T>, expected: Expected<T> & Within): Promise<T> {
    return until(what, look, { signal: this.#parts.signal, ...expected })
  }

  /** Prompts whose asker heard that no worker is online. */
  told(): number {
    const events = this.#parts.recorder.events.filter(event => event.kind === 'waiting' && event.workersOnline === 0)
    return new Set(events.map(event => (event.kind === 'waiting' ? event.task : ''))).size
  }

  /** Until a worker's GPU is in the middle of an inference, or nothing is left to infer. */
  async untilRunningOn(worker: string, within: { withinMs: number }): Promise<void> {
    await this.untilOrRest(async () => (await this.inferences()).some(run => run.worker === worker && run.outcome === 'running'), within)
  }

  /** Starts a worker before a backlog and waits until its prefetch is full. */
  async connectAndTake(worker: string, { withinMs }: { withinMs: number }): Promise<void> {
    const { lab } = this.#parts
    const { workerPrefetchTasks } = settingsOf(lab.plan, worker)
    const waiting = (await lab.queue('bot.tasks'))?.ready ?? 0
    await this.workers.start(worker)
    await this.until(`${worker} has taken its window`, () => this.heldBy(worker), {
      equals: Math.min(waiting, workerPrefetchTasks),
      withinMs,
    })
  }

  /** Says what a prompt is meant as. */
  mark(sent: SendOutcome, as: 'poison'): void {
    if (sent.state !== 'stored' || sent.task === undefined) throw new Error(`a prompt was not stored but ${sent.state}`)
    this.#parts.recorder.record({ kind: 'marked', task: sent.task, as })
  }

  /** Sets fault switches by GPU name, or `gpus`; `{}` heals. Proof: read back. */
  async faults(gpus: string, faults: GpuFaults): Promise<void> {
    const { lab, recorder, signal } = this.#parts
    signal.throwIfAborted()
    for (const part of lab.names(gpus)) {
      const holds = isDeepStrictEqual(await lab.faults(part, faults), faults)
      recorder.record({ kind: 'fault', part, action: 'faults', switches: { ...faults }, ...(holds ? { proof: 'read back' } : {}) })
    }
  }

  /** The figure of this name that the first arm gave: all arms of a run offer the same. */
  fromFirstArm(name: string, value: number): number {
    const { shared } = this.#parts
    const first = shared.get(name) ?? value
    shared.set(name, first)
    return first
  }

  /** Answers prompts thrice; the third round measures the gap. @param ask default: a short answer
   *  at any scale @returns milliseconds between a worker's inferences while prompts wait */
  async warmUp(askers: Askers, prompts: number, ask: (index: number) => string = this.#shortQuestion()): Promise<number> {
    const { recorder, lab } = this.#parts
    let lastMs = 0
    for (let round = 1; round <= WARM_UP_ROUNDS; round++) {
      lastMs = recorder.nowMs()
      const before = askers.answers()
      await askers.askEach(Array.from({ length: prompts }, (_, i) => ask(i)))
      await this.until('the warm-up is answered', () => askers.answers() - before, { atLeast: prompts, withinMs: WARM_UP_WITHIN_MS })
    }
    const history = { ...armFacts(lab.plan), events: [...recorder.events, ...(await this.inferences())] }
    const gapMs = gapMidMs(
      promptsOf(history, { all: true }).filter(prompt => prompt.askedMs >= lastMs),
      history,
    )
    const { ended, lastSeen } = await this.#rest(WARM_UP_WITHIN_MS, async () => undefined)
    // What is left of it would be measured.
    if (ended !== 'rest')
      throw new LabError('TIMED_OUT', `the warm-up did not finish within ${WARM_UP_WITHIN_MS} ms (last seen: ${lastSeen})`)
    recorder.record({ kind: 'measured' })
    return gapMs
  }

  #shortQuestion(): (index: number) => string {
    const { timeScale } = settingsOf(this.#parts.lab.plan, this.#parts.lab.plan.gpus[0]?.name ?? '')
    const directive = answerDirective(Math.ceil(Math.min(ANSWER_TOKENS_MAX, ANSWER_TOKENS_AT_SCALE_1 * timeScale)))
    return index => `warm-up ${index} ${directive}`
  }

  /** Writes down what each prompt takes on each worker's GPU, as its profile draws it. */
  works(tasks: readonly Pick<ModelTask, 'id' | 'serviceMs'>[]): void {
    for (const { id: task, serviceMs } of tasks) this.#parts.recorder.record({ kind: 'work', task, serviceMs: [...serviceMs] })
  }

  /** Writes down what measures must be, before the run. */
  expect(bands: Readonly<Record<string, Band>>): void {
    for (const [measure, band] of Object.entries(bands)) this.#parts.recorder.record({ kind: 'expected', measure, ...band })
  }

  /** Waits until the condition holds, or nothing is left that could bring it about. */
  async untilOrRest(holds: () => boolean | Promise<boolean>, { withinMs }: { withinMs: number }): Promise<void> {
    await this.#rest(withinMs, async () => ((await holds()) ? 'it holds' : undefined))
  }

  /** Waits for rest, the arm's own condition, or the deadline, which is recorded, not failed. */
  async quiescent({ withinMs }: { withinMs: number }): Promise<void> {
    const { endsWhen, recorder } = this.#parts
    const own = async () => ((await endsWhen?.holds(this)) ? endsWhen?.what : undefined)
    const { ended, lastSeen } = await this.#rest(withinMs, own)
    recorder.record({ kind: 'rest', ended, lastSeen })
  }

  async #rest(withinMs: number, orWhen: () => Promise<string | undefined>): Promise<{ ended: Ended; lastSeen: string }> {
    const { lab, logs, signal } = this.#parts
    return settled(() => ({ lab, logs, devices: this.#devices, workers: [...this.#running] }), { withinMs, signal, orWhen })
  }

  #group(kind: PartKind): PartGroup {
    const { lab, recorder, exits, signal } = this.#parts
    // An abandoned script may still run: it must not touch a lab being removed.
    const during = async <T>(act: () => Promise<T>) => {
      signal.throwIfAborted()
      return exits.during(act)
    }
    return partGroup(lab, kind, recorder, during, (verb, part) => {
      if (verb === 'stop' || verb === 'kill') this.#running.delete(part)
      if (verb === 'start' && kind === 'worker') this.#running.add(part)
    })
  }
}
