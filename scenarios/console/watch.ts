import { Held, type Inference } from '#contracts/http'
import { HELD_TASKS_MAX } from '#contracts/limits'
import { DEAD_QUEUE } from '#contracts/topology'
import { attachLab, hostNowMs, type Lab, settingsOf } from '#lab'
import type { PartFrame, WorkerFrame } from './frames.ts'
import type { Tasks } from './tasks.ts'

/** Looks at a running lab: counts, what workers hold, what GPUs did. It changes nothing. */

export interface Look {
  queues: { ready: number | null; dead: number | null }
  workers: WorkerFrame[]
}

export class Watch {
  readonly #lab: Lab
  readonly #tasks: Tasks
  /** By GPU: where to read on. */
  readonly #next = new Map<string, number>()
  readonly #onFlow: (step: string) => void
  /** Of those that are read again: whether their start, or their end too, was reported. */
  readonly #told = new Map<string, Map<number, 'started' | 'ended'>>()

  /** @param onFlow told of each step that a task took: `gpu:NAME`, `answer:WORKER` */
  constructor(lab: Lab, tasks: Tasks, onFlow: (step: string) => void) {
    this.#lab = lab
    this.#tasks = tasks
    this.#onFlow = onFlow
  }

  async look(): Promise<Look> {
    const [held, ready, dead] = await Promise.all([
      this.#lab.ofWorkers('/held?tasks=1', Held),
      Promise.all(this.#lab.workQueues.map(name => this.#ready(name))),
      this.#ready(DEAD_QUEUE),
      Promise.all(this.#lab.plan.gpus.map((gpu, index) => (gpu.url === undefined ? this.#inferences(gpu.name, index) : undefined))),
    ])
    this.#held(held)
    const sum = ready.reduce<number | null>((total, count) => (total === null || count === null ? null : total + count), 0)
    const { plan } = await this.#planned()
    const workers = plan.workers.map(({ name }): WorkerFrame => {
      const { workerPrefetchTasks: prefetch, workerSlots: slots } = settingsOf(plan, name)
      const own = held.find(({ worker }) => worker === name)
      const all = Object.values(own?.queues ?? {})
      const count = (of: 'held' | 'running') => (own === undefined ? null : all.reduce((total, queue) => total + queue[of], 0))
      return { name, prefetch, slots, held: count('held'), running: count('running'), consuming: own?.consuming ?? false }
    })
    return { queues: { ready: sum, dead }, workers }
  }

  /** Anew: another command may have changed it. */
  async parts(): Promise<PartFrame[]> {
    await using lab = await attachLab(this.#lab.name)
    return (await lab.status()).map(({ name, kind, state }) => ({ name, kind, state }))
  }

  async #planned(): Promise<{ plan: Lab['plan'] }> {
    await using lab = await attachLab(this.#lab.name)
    return { plan: lab.plan }
  }

  async #ready(queue: string): Promise<number | null> {
    const count = await this.#lab.queue(queue).catch(() => undefined)
    return count?.ready ?? null
  }

  #held(held: readonly Held[]): void {
    const { workers, gpus } = this.#lab.plan
    const lists = new Map(
      held.flatMap(({ worker, tasks = [] }) => {
        const gpu = workers.find(({ name }) => name === worker)?.gpu
        return [[gpus.findIndex(({ name }) => name === gpu), tasks] as const]
      }),
    )
    const isWhole = held.every(({ tasks = [] }) => tasks.length < HELD_TASKS_MAX)
    this.#tasks.held(lists, hostNowMs(), isWhole)
  }

  async #inferences(gpu: string, index: number): Promise<void> {
    const after = this.#next.get(gpu) ?? -1
    // One that is known comes along: without it the log is another's.
    const log = await this.#lab.inferenceLog(gpu, Math.max(-1, after - 1)).catch(() => undefined)
    if (log === undefined) return
    if (after >= 0 && log.inferences.length === 0) {
      this.#next.delete(gpu)
      this.#told.delete(gpu)
      this.#tasks.interrupted(index)
      return
    }
    for (const entry of log.inferences) {
      if (entry.task === '' || entry.index <= after) continue
      this.#tasks.inferred(index, entry)
      this.#tell(gpu, entry)
    }
    this.#next.set(gpu, log.next)
    for (const old of this.#told.get(gpu)?.keys() ?? []) if (old <= log.next) this.#told.get(gpu)?.delete(old)
  }

  /** Each start and each end once. */
  #tell(gpu: string, { index, worker, outcome }: Inference): void {
    const told = this.#told.get(gpu) ?? new Map<number, 'started' | 'ended'>()
    this.#told.set(gpu, told)
    if (!told.has(index)) this.#onFlow(`gpu:${gpu}`)
    if (outcome === 'done' && told.get(index) !== 'ended') this.#onFlow(`answer:${worker}`)
    told.set(index, outcome === 'running' || outcome === 'waiting' ? 'started' : 'ended')
  }
}
