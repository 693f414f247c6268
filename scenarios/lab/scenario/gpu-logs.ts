import type { Inference } from '#contracts/http'
import type { HistoryEvent } from '../../checks/history.ts'
import type { Lab } from '../lab.ts'
import type { Recorder } from './recorder.ts'

/** The simulated GPUs' own logs, read on as they grow: where a kill of a worker cannot reach. */
export class GpuLogs {
  readonly #lab: Lab
  readonly #recorder: Recorder
  readonly #entries = new Map<string, Inference[]>()

  constructor(lab: Lab, recorder: Recorder) {
    this.#lab = lab
    this.#recorder = recorder
  }

  /** Reads what is new. @returns the number of inferences that have begun and not ended. */
  async read(): Promise<number> {
    const open = await Promise.all(
      this.#lab.plan.gpus.map(async ({ name, url }) => {
        if (url !== undefined) return 0 // A real server keeps no log for us.
        const known = this.#entries.get(name) ?? []
        // From the oldest that was still open: it may have ended since.
        const firstOpen = known.findIndex(entry => entry.endedAtNs === undefined)
        const keep = firstOpen < 0 ? known.length : firstOpen
        const entries = [...known.slice(0, keep), ...(await this.#lab.inferences(name, keep - 1))]
        this.#entries.set(name, entries)
        return entries.filter(entry => entry.outcome === 'waiting' || entry.outcome === 'running').length
      }),
    )
    return open.reduce((sum, count) => sum + count, 0)
  }

  /** Inferences that were read so far. */
  get count(): number {
    return this.#entries.values().reduce((sum, entries) => sum + entries.length, 0)
  }

  /** What was read so far, as events in the order of coming in. */
  events(): Extract<HistoryEvent, { kind: 'inference' }>[] {
    const at = (ns: string | undefined) => (ns === undefined ? undefined : this.#recorder.fromHostNs(ns))
    const events = [...this.#entries].flatMap(([gpu, entries]) =>
      entries.map(({ task, attempt, worker, heldMs, receivedAtNs, startedAtNs, firstTokenAtNs, endedAtNs, outcome }) => {
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
