import type { Inference } from '#contracts/http'
import { hostMs } from '#lab'
import type { Arm, Sample, TaskTimes } from './state.ts'

/** An arm while a lab runs it: what was sent, what the GPUs logged and what was sampled so far, as times of the hour. Pure: instants are handed in, in
 *  milliseconds of the host's clock. */
export class LiveArm {
  /** When the hour began. */
  readonly startMs: number
  /** Milliseconds of the hour in one of the host. */
  readonly timeScale: number
  readonly #title: string
  readonly #gpus: readonly string[]
  /** By index of the question; they are sent in this order. */
  readonly #sentMs: number[] = []
  readonly #taskOf = new Map<number, string>()
  readonly #runs = new Map<string, Omit<TaskTimes, 'arrivedAtMs'>>()
  readonly #samples: Sample[] = []

  constructor(title: string, gpus: readonly string[], startMs: number, timeScale: number) {
    this.#title = title
    this.#gpus = gpus
    this.startMs = startMs
    this.timeScale = timeScale
  }

  /** On the hour's clock. */
  hourMs(hostMs: number): number {
    return (hostMs - this.startMs) * this.timeScale
  }

  sent(index: number, atMs: number): void {
    this.#sentMs[index] = atMs
  }

  /** The question became this task. */
  stored(index: number, task: string): void {
    this.#taskOf.set(index, task)
  }

  /** A line of a GPU's log; a later state of the same inference replaces the earlier one, a later attempt leaves the first start. @param gpu index */
  ran(gpu: number, inference: Inference): void {
    const { task, startedAtNs, endedAtNs, receivedAtNs, heldMs } = inference
    if (startedAtNs === undefined) return
    const hour = (ns: string) => this.hourMs(hostMs(ns))
    const [startedAtMs, known] = [hour(startedAtNs), this.#runs.get(task)]
    const deliveredAtMs = known?.deliveredAtMs ?? (heldMs === undefined ? undefined : hour(receivedAtNs) - heldMs * this.timeScale)
    this.#runs.set(task, {
      gpu,
      startedAtMs: Math.min(startedAtMs, known?.startedAtMs ?? startedAtMs),
      ...(deliveredAtMs === undefined ? {} : { deliveredAtMs }),
      ...(endedAtNs === undefined ? {} : { endedAtMs: hour(endedAtNs) }),
    })
  }

  /** What the lab said at an instant. */
  sampled(atMs: number, ready: number, holds: readonly number[]): void {
    this.#samples.push({ atMs: this.hourMs(atMs), ready, holds })
  }

  /** All that is known by now. */
  get arm(): Arm {
    const tasks = this.#sentMs.map((sentMs, index) => ({
      arrivedAtMs: this.hourMs(sentMs),
      ...this.#runs.get(this.#taskOf.get(index) ?? ''),
    }))
    return { title: this.#title, gpus: this.#gpus, tasks, samples: this.#samples }
  }
}
