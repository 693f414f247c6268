import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Lab } from '../lab/lab.ts'
import type { ServerLoad } from '../lab/real-model/server-load.ts'
import { ForeignCpu } from '../lab/runtime/foreign-cpu.ts'
import { orAborted, pause } from '../lab/until.ts'
import { heldTasks } from './held.ts'
import type { Recorder } from './recorder.ts'

/** Samples of queues, workers and other CPU use during an arm. */

const EVERY_MS = 250
/** Noise is a matter of seconds: a shorter look counts in clock ticks of 10 ms. A model server
 *  shares the cores with the sampler: it is not disturbed more often either. */
const NOISE_EVERY_MS = 1_000

export class Sampler implements AsyncDisposable {
  readonly #lab: Lab
  readonly #recorder: Recorder
  readonly #server: ServerLoad | undefined
  readonly #onLook: () => Promise<void>
  readonly #stop = new AbortController()
  readonly #delay = monitorEventLoopDelay({ resolution: 10 })
  readonly #running: Promise<void>

  /** @param server a model server beside the lab @param onLook called after each look */
  constructor(lab: Lab, recorder: Recorder, server?: ServerLoad, onLook: () => Promise<void> = async () => undefined) {
    this.#lab = lab
    this.#recorder = recorder
    this.#server = server
    this.#onLook = onLook
    this.#delay.enable()
    this.#running = this.#run()
    // Reported on disposal; until then not an unhandled rejection.
    this.#running.catch(() => undefined)
  }

  async #run(): Promise<void> {
    const foreign = await ForeignCpu.beside(this.#lab, this.#server)
    const everyMs = this.#server === undefined ? EVERY_MS : NOISE_EVERY_MS
    for (let look = 1; !this.#stop.signal.aborted; look++) {
      await pause(everyMs, this.#stop.signal).catch(() => undefined)
      // The script may have stopped a part: look again later.
      await orAborted(this.#look(), this.#stop.signal).catch(() => undefined)
      if ((look * everyMs) % NOISE_EVERY_MS !== 0) continue
      const foreignCpuPercent = await foreign.percent()
      // An unknown server's share would count as other processes'.
      if (this.#server?.known === false) continue
      this.#recorder.record({ kind: 'noise', foreignCpuPercent, timerLateP99Ms: this.#delay.percentile(99) / 1e6 })
      this.#delay.reset()
    }
  }

  async #look(): Promise<void> {
    const [held, counts] = await Promise.all([
      this.#lab.held(),
      Promise.all(this.#lab.workQueues.map(async queue => ({ queue, count: await this.#lab.queue(queue) }))),
    ])
    for (const [worker, { held: tasks, running }] of heldTasks(held)) this.#recorder.record({ kind: 'held', worker, held: tasks, running })
    for (const { queue, count } of counts) if (count !== undefined) this.#recorder.record({ kind: 'queue', queue, ...count })
    await this.#onLook()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#delay.disable()
  }
}
