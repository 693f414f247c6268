import { StepLog } from '#contracts/http'
import type { ArmFacts, Ended, History, HistoryEvent } from '#evidence/history'
import type { Lab } from '../lab/lab.ts'
import type { ModelTap } from '../lab/real-model/tap.ts'
import { orAborted } from '../lab/until.ts'
import { armFacts, dumpStores, readBackSettings } from './collect.ts'
import { GpuLogs } from './gpu-logs.ts'
import { Recorder } from './recorder.ts'
import { type RestingDevice, settled } from './rest.ts'
import { Sampler } from './sampler.ts'

interface ObservationOptions {
  /** In front of a real model server. */
  tap?: ModelTap | undefined
  /** Gets the history so far, a few times a second. */
  onLook?: ((seen: History) => void) | undefined
}

/** A lab at work, seen from outside: queues, GPU logs, noise, and its stores at the end. */
export class Observation implements AsyncDisposable {
  readonly recorder = new Recorder()
  readonly logs: GpuLogs
  readonly #lab: Lab
  readonly #options: ObservationOptions
  #sampler: Sampler | undefined

  constructor(lab: Lab, options: ObservationOptions = {}) {
    this.logs = new GpuLogs(lab, this.recorder, options.tap)
    this.#lab = lab
    this.#options = options
  }

  /** Reads the settings back and looks on from now. */
  async start(): Promise<void> {
    await readBackSettings(this.#lab, this.recorder)
    const { tap, onLook } = this.#options
    const look = async () => {
      if (onLook === undefined) return
      await this.logs.read()
      onLook({ ...this.facts, events: this.events() })
    }
    this.#sampler = new Sampler(this.#lab, this.recorder, tap?.load, look)
  }

  get facts(): ArmFacts {
    return armFacts(this.#lab.plan)
  }

  /** Everything so far. */
  events(): HistoryEvent[] {
    return [...this.recorder.events, ...this.logs.events()]
  }

  /** Waits for rest and records the end. @param devices the generator's devices now */
  async rest(devices: () => Promise<RestingDevice[]>, within: { withinMs: number; signal: AbortSignal }): Promise<Ended> {
    const [lab, logs, workers] = [this.#lab, this.logs, this.#lab.plan.workers.map(({ name }) => name)]
    const { ended, lastSeen } = await settled(async () => ({ lab, logs, devices: await devices(), workers }), within).catch(() => ({
      ended: 'deadline' as const,
      lastSeen: 'interrupted',
    }))
    this.recorder.record({ kind: 'rest', ended, lastSeen })
    return ended
  }

  /** Records what the workers say of their answered tasks. */
  async readSteps(): Promise<void> {
    const at = (ns: string) => this.recorder.fromHostNs(ns)
    for (const { worker, steps } of await this.#lab.ofWorkers('/steps', StepLog))
      for (const { task, attempt, takenAtNs, countedAtNs, askedAtNs, endedAtNs, savedAtNs, confirmedAtNs } of steps)
        this.recorder.record(
          {
            kind: 'steps',
            task,
            attempt,
            worker,
            countedAtMs: at(countedAtNs),
            askedAtMs: at(askedAtNs),
            endedAtMs: at(endedAtNs),
            savedAtMs: at(savedAtNs),
            confirmedAtMs: at(confirmedAtNs),
          },
          at(takenAtNs),
        )
  }

  /** Records how long each answered prompt takes on each worker's GPU, by its profile; nothing
   *  where a GPU is a real server. Read the logs first. */
  recordWork(): void {
    for (const event of this.logs.work()) this.recorder.record(event)
  }

  /** Reads GPU logs and stores. @param onError for a missing part; default: recorded */
  async readStores(onError = (error: unknown) => this.#unread(error), signal: AbortSignal = AbortSignal.any([])): Promise<void> {
    await orAborted(this.logs.read(), signal).catch(onError)
    await orAborted(dumpStores(this.#lab, this.recorder), signal).catch(onError)
  }

  #unread(error: unknown): void {
    const lastSeen = `the stores could not be read: ${error instanceof Error ? error.message : String(error)}`
    this.recorder.record({ kind: 'rest', ended: 'error', lastSeen })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sampler?.[Symbol.asyncDispose]()
  }
}
