import type { ArmFacts, Ended, HistoryEvent } from '#evidence/history'
import { hostNowMs } from '../lab/clock.ts'
import type { Lab } from '../lab/lab.ts'
import { armFacts, dumpStores, readBackSettings } from './collect.ts'
import { GpuLogs } from './gpu-logs.ts'
import { Recorder } from './recorder.ts'
import { type RestingDevice, settled } from './rest.ts'
import { Sampler } from './sampler.ts'

/** A lab under somebody else's load: queues, GPU logs, noise, and its stores at the end. */
export class Observation implements AsyncDisposable {
  readonly recorder: Recorder
  /** Of this host's clock, where the history's begins. Milliseconds. */
  readonly zeroMs: number
  readonly #lab: Lab
  readonly #logs: GpuLogs
  readonly #sampler: Sampler

  private constructor(lab: Lab) {
    this.recorder = new Recorder()
    this.zeroMs = hostNowMs() - this.recorder.nowMs()
    this.#lab = lab
    this.#logs = new GpuLogs(lab, this.recorder)
    this.#sampler = new Sampler(lab, this.recorder)
  }

  /** Reads the settings back and looks on from now. */
  static async start(lab: Lab): Promise<Observation> {
    const observation = new Observation(lab)
    await readBackSettings(lab, observation.recorder)
    return observation
  }

  get facts(): ArmFacts {
    return armFacts(this.#lab.plan)
  }

  /** Waits for rest and records the end. @param devices the generator's devices now */
  async rest(devices: () => Promise<RestingDevice[]>, { withinMs, signal }: { withinMs: number; signal: AbortSignal }): Promise<Ended> {
    const workers = this.#lab.plan.workers.map(({ name }) => name)
    const look = async () => ({ lab: this.#lab, logs: this.#logs, devices: await devices(), workers })
    const { ended, lastSeen } = await settled(look, { withinMs, signal }).catch(() => ({
      ended: 'deadline' as const,
      lastSeen: 'interrupted',
    }))
    this.recorder.record({ kind: 'rest', ended, lastSeen })
    return ended
  }

  /** Stores and GPU logs now; missing parts are recorded, the rest counts. */
  async history(): Promise<HistoryEvent[]> {
    try {
      await this.#logs.read()
      await dumpStores(this.#lab, this.recorder)
    } catch (error) {
      const lastSeen = `the stores could not be read: ${error instanceof Error ? error.message : String(error)}`
      this.recorder.record({ kind: 'rest', ended: 'error', lastSeen })
    }
    return [...this.recorder.events, ...this.#logs.events()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sampler[Symbol.asyncDispose]()
  }
}
