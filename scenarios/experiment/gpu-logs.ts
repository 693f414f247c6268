import type { InferenceLog } from '#contracts/http'
import type { HistoryEvent } from '#evidence/history'
import { profiledTimes } from '#predictor'
import type { Lab } from '../lab/lab.ts'
import { settingsOf } from '../lab/plan.ts'
import type { ModelTap } from '../lab/real-model/tap.ts'
import type { Recorder } from './recorder.ts'
import { workOf } from './replay/lab-work.ts'

/** Whose place a real model server takes. */
const TAPPED_GPU = 'gpu-fast'

/** The simulated GPUs' logs as they grow, or a real server's traffic: out of a kill's reach. */
export class GpuLogs {
  readonly #lab: Lab
  readonly #recorder: Recorder
  readonly #tap: Pick<ModelTap, 'take'> | undefined
  /** By GPU. Those up to `next` have ended and are not read again. */
  readonly #logs = new Map<string, InferenceLog>()

  constructor(lab: Lab, recorder: Recorder, tap?: Pick<ModelTap, 'take'>) {
    this.#lab = lab
    this.#recorder = recorder
    this.#tap = tap
  }

  /** Reads what is new. @returns the number of inferences that have begun and not ended. */
  async read(): Promise<number> {
    for (const { receivedAtMs, ...answer } of this.#tap?.take() ?? [])
      this.#recorder.record({ kind: 'reported', gpu: TAPPED_GPU, ...answer }, this.#recorder.fromHostMs(receivedAtMs))
    const open = await Promise.all(
      this.#lab.plan.gpus.map(async ({ name, url }) => {
        if (url !== undefined) return 0 // A real server keeps no log for us.
        const { inferences: known, next } = this.#logs.get(name) ?? { inferences: [], next: -1 }
        const log = await this.#lab.inferenceLog(name, next)
        const entries = [...known.filter(entry => entry.index <= next), ...log.inferences]
        this.#logs.set(name, { inferences: entries, next: log.next })
        return entries.filter(entry => entry.outcome === 'waiting' || entry.outcome === 'running').length
      }),
    )
    return open.reduce((sum, count) => sum + count, 0)
  }

  /** Inferences that were read so far. */
  get count(): number {
    return this.#logs.values().reduce((sum, { inferences }) => sum + inferences.length, 0)
  }

  /** The time of each answered prompt on each worker's GPU; none if a GPU is a real server. */
  work(): { kind: 'work'; task: string; serviceMs: number[] }[] {
    const { plan } = this.#lab
    if (plan.gpus.some(({ url }) => url !== undefined)) return []
    const { gpus, model, timeScale } = workOf(plan)
    const { seed } = settingsOf(plan, plan.gpus[0]?.name ?? '')
    const work = { profiles: gpus.map(({ profile }) => profile), model, seed, timeScale }
    const answered = [...this.#logs.values()].flatMap(({ inferences }) => inferences.filter(({ outcome }) => outcome === 'done'))
    return answered.map(({ task, promptTokens, answerTokens }) => ({
      kind: 'work',
      task,
      serviceMs: [...profiledTimes(work, task, promptTokens, answerTokens).serviceMs],
    }))
  }

  /** What was read so far, as events in the order of coming in. */
  events(): Extract<HistoryEvent, { kind: 'inference' }>[] {
    const at = (ns: string | undefined) => (ns === undefined ? undefined : this.#recorder.fromHostNs(ns))
    const events = [...this.#logs].flatMap(([gpu, { inferences }]) =>
      inferences.map(({ task, attempt, worker, heldMs, receivedAtNs, startedAtNs, firstTokenAtNs, endedAtNs, outcome }) => {
        const [startedAtMs, firstTokenAtMs, endedAtMs] = [at(startedAtNs), at(firstTokenAtNs), at(endedAtNs)]
        return {
          kind: 'inference' as const,
          atMs: this.#recorder.fromHostNs(receivedAtNs),
          task,
          attempt,
          worker,
          gpu,
          ...(heldMs === undefined ? {} : { heldMs }),
          ...(startedAtMs === undefined ? {} : { startedAtMs }),
          ...(firstTokenAtMs === undefined ? {} : { firstTokenAtMs }),
          ...(endedAtMs === undefined ? {} : { endedAtMs }),
          outcome,
        }
      }),
    )
    return events.sort((a, b) => a.atMs - b.atMs)
  }
}
