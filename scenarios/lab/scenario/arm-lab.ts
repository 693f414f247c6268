import { gpuProfile } from '#contracts/gpu-profiles'
import type { GpuFaults } from '#contracts/http'
import { type ModelTask, type ModelWorker, publishTimesMs, type Start, taskIds } from '#predictor'
import type { Band } from '../../checks/bands.ts'
import type { HistoryEvent } from '../../checks/history.ts'
import { gapP50Ms, promptsOf } from '../../checks/schedule.ts'
import type { Lab } from '../lab.ts'
import { type PartKind, settingsOf } from '../plan.ts'
import { type Expected, until, type Within } from '../until.ts'
import { armFacts } from './collect.ts'
import { Askers, Device } from './devices.ts'
import type { GpuLogs } from './gpu-logs.ts'
import type { Recorder } from './recorder.ts'
import { restless } from './rest.ts'

const RESTLESS_EVERY_MS = 100
/** An inference of a warm-up may meet a cold process. Milliseconds. */
const WARM_UP_WITHIN_MS = 30_000

export interface ArmLabParts {
  lab: Lab
  recorder: Recorder
  logs: GpuLogs
  seed: number
  endsWhen: { what: string; holds: (lab: ArmLab) => Promise<boolean> } | undefined
  closing: AsyncDisposableStack
}

/** Verbs on parts of one kind. Each is written into the history with its proof. */
export interface PartGroup {
  /** Without names: all of them. */
  stop(...names: string[]): Promise<void>
  start(...names: string[]): Promise<void>
  kill(...names: string[]): Promise<void>
  pause(...names: string[]): Promise<void>
  resume(...names: string[]): Promise<void>
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

  /** The lab itself, for claims about broker or database. */
  get lab(): Lab {
    return this.#parts.lab
  }

  /** A device of a user comes online. @param on IM nodes that it knows, the first one first. */
  async device(user: string, { on }: { on: string[] }): Promise<Device> {
    const { lab, recorder, seed, closing } = this.#parts
    this.#names += 1
    const device = await Device.online(lab, recorder, `${user}.${this.#names}`, { user, on, seed })
    this.#devices.add(device)
    closing.defer(() => this.offline(device))
    return device
  }

  async offline(device: Device): Promise<void> {
    if (this.#devices.delete(device)) await device[Symbol.asyncDispose]()
  }

  /** So many users with a device each, spread over these nodes in turn; each knows only its node. */
  async users(count: number, { on }: { on: string[] }): Promise<Askers> {
    const devices = await Promise.all(Array.from({ length: count }, (_, i) => this.device(`user-${i}`, { on: [on[i % on.length] ?? ''] })))
    return new Askers(devices, this.#parts.recorder)
  }

  queue(name: string): { ready(): Promise<number | undefined>; consumers(): Promise<number | undefined> } {
    const { lab } = this.#parts
    return { ready: async () => (await lab.queue(name))?.ready, consumers: async () => (await lab.queue(name))?.consumers }
  }

  /** Tasks that a worker holds, as it says itself. */
  async heldBy(worker: string): Promise<number | undefined> {
    const own = (await this.#parts.lab.held()).find(answer => answer.worker === worker)
    return own && Object.values(own.queues).reduce((sum, queue) => sum + queue.held, 0)
  }

  /** What the GPUs did so far. */
  async inferences(): Promise<Extract<HistoryEvent, { kind: 'inference' }>[]> {
    await this.#parts.logs.read()
    return this.#parts.logs.events()
  }

  until<T>(what: string, look: () => T | Promise<T>, expected: Expected<T> & Within): Promise<T> {
    return until(what, look, expected)
  }

  /** Sets fault switches of a simulated GPU; `{}` heals. Proven by what it reads back. */
  async faults(gpu: string, faults: GpuFaults): Promise<void> {
    const back = await this.#parts.lab.faults(gpu, faults)
    const holds = JSON.stringify(back) === JSON.stringify(faults)
    this.#parts.recorder.record({
      kind: 'fault',
      part: gpu,
      action: `faults ${JSON.stringify(faults)}`,
      ...(holds ? { proof: 'read back' } : {}),
    })
  }

  /** The workers as the model has them, with the time that their GPU takes for a prompt. For GPUs of fixed service time. */
  model(): { workers: ModelWorker[]; serviceMs: number[] } {
    const { plan } = this.#parts.lab
    const serviceMs = plan.workers.map(({ name, gpu }) => {
      const profile = gpuProfile(plan.gpus.find(other => other.name === gpu)?.profile ?? '')
      if (profile.fixedServiceMs === undefined) throw new Error(`${name}: ${profile.name} has no fixed service time`)
      return profile.fixedServiceMs / settingsOf(plan, gpu).timeScale
    })
    const workers = plan.workers.map(({ name }) => {
      const { workerPrefetchTasks: prefetchTasks, workerSlots: slots } = settingsOf(plan, name)
      return { name, prefetchTasks, slots }
    })
    return { workers, serviceMs }
  }

  /** Random arrivals for so long, the offered work being `load` of what the GPUs can do together. Drawn from the seed. */
  poissonTasks(load: number, forMs: number): ModelTask[] {
    const { serviceMs } = this.model()
    const perSecond = load * serviceMs.reduce((sum, ms) => sum + 1_000 / ms, 0)
    const ids = taskIds(Math.ceil((2 * perSecond * forMs) / 1_000) + 50)
    const start: Start = { kind: 'poisson', perSecond }
    const timesMs = publishTimesMs(start, ids, this.#parts.seed)
    return ids.map((id, i) => ({ id, publishedMs: timesMs[i] ?? 0, serviceMs })).filter(task => task.publishedMs < forMs)
  }

  /** Answers some prompts before anything is measured, twice: the first time wakes everybody up, the second time tells what a hand-over costs here.
   *  @returns the time between two inferences of one worker while prompts wait. Milliseconds. */
  async warmUp(askers: Askers, prompts: number): Promise<number> {
    for (let round = 1; ; round++) {
      const fromMs = this.#parts.recorder.nowMs()
      const before = askers.answers()
      await askers.askEach(Array.from({ length: prompts }, (_, i) => `warm-up ${round}.${i}`))
      await this.until('the warm-up is answered', () => askers.answers() - before, { atLeast: prompts, withinMs: WARM_UP_WITHIN_MS })
      if (round < 2) continue
      const { recorder, lab } = this.#parts
      const history = { ...armFacts(lab), events: [...recorder.events, ...(await this.inferences())] }
      const gapMs = gapP50Ms(promptsOf(history, { all: true }).filter(prompt => prompt.askedMs >= fromMs))
      await this.quiescent({ withinMs: WARM_UP_WITHIN_MS, record: false })
      recorder.record({ kind: 'measured' })
      return gapMs
    }
  }

  /** Writes down what measures must be, before the run. */
  expect(bands: Readonly<Record<string, Band>>): void {
    for (const [measure, band] of Object.entries(bands)) this.#parts.recorder.record({ kind: 'expected', measure, ...band })
  }

  /** Waits until nothing is left to do; ends early by the arm's own condition, or at the deadline, which is written down and is no failure by itself. */
  async quiescent({ withinMs, record = true }: { withinMs: number; record?: boolean }): Promise<void> {
    const { lab, logs, recorder, endsWhen } = this.#parts
    const untilMs = recorder.nowMs() + withinMs
    let [calm, last, lastSeen] = [0, -1, 'nothing yet']
    while (recorder.nowMs() < untilMs) {
      if (await endsWhen?.holds(this)) {
        if (record) recorder.record({ kind: 'rest', reached: false, lastSeen: `ended by its own condition: ${endsWhen?.what}` })
        return
      }
      const { reasons, activity } = await restless({ lab, logs, devices: this.#devices, workers: [...this.#running] }).catch(
        (error: unknown) => ({ reasons: [error instanceof Error ? error.message : String(error)], activity: -1 }),
      )
      // Twice in a row and nothing between: a task that is on its way from the broker to a worker is seen by neither.
      calm = reasons.length === 0 && activity === last ? calm + 1 : 0
      last = activity
      lastSeen = reasons.join('; ') || 'at rest, once'
      if (calm >= 2) {
        if (record) recorder.record({ kind: 'rest', reached: true, lastSeen: 'nothing left to do' })
        return
      }
      await until('a moment', () => recorder.nowMs(), { atLeast: recorder.nowMs() + RESTLESS_EVERY_MS, withinMs: 10_000 })
    }
    if (record) recorder.record({ kind: 'rest', reached: false, lastSeen })
  }

  #group(kind: PartKind): PartGroup {
    const { lab, recorder } = this.#parts
    const act =
      (verb: keyof PartGroup, proof: string) =>
      async (...names: string[]) => {
        const parts = names.length > 0 ? names : lab.parts.filter(part => part.kind === kind).map(part => part.name)
        await lab[verb](...parts)
        for (const part of parts) {
          if (verb === 'stop' || verb === 'kill') this.#running.delete(part)
          if (verb === 'start' && kind === 'worker') this.#running.add(part)
          recorder.record({ kind: 'fault', part, action: verb, proof })
        }
      }
    return {
      // The runtime resolves only when it has seen this.
      stop: act('stop', 'its process is gone'),
      kill: act('kill', 'its process is gone'),
      start: act('start', 'ready'),
      pause: act('pause', 'stopped by signal'),
      resume: act('resume', 'continued by signal'),
    }
  }
}
