import { modelWorker } from '#evidence/schedule'
import { type ModelTask, type ModelWorker, publishTimesMs, sameTasks, taskIds, workerPerSecond } from '#predictor'
import type { LabPlan } from '../lab/plan.ts'
import { armFacts } from './collect.ts'

/** An arm as the predictor sees it: workers, and prompts with their time on each GPU. Pure. */
export interface ArmModel {
  /** Name, prefetch, slots and priority of each, and what its GPU gains by several at once. */
  workers: ModelWorker[]
  /** Of any prompt, on each worker's GPU. Milliseconds of real time. */
  serviceMs: number[]
  /** Random arrivals, drawn from the seed.
   *  @param load offered work as a share of what the workers can do together; 0.8 is 80 %
   *  @param forMs length of the schedule
   *  @param gapMs between two inferences of a worker, from `lab.warmUp`; it is part of the load */
  poisson(load: number, forMs: number, gapMs: number): ModelTask[]
  /** All prompts at once.
   *  @param connect the workers in the order in which they connect afterwards; empty: they are
   *  there before */
  burst(prompts: number, connect: readonly string[]): { tasks: ModelTask[]; workers: ModelWorker[] }
}

/** Throws where a GPU has no fixed service time. */
export function armModel(plan: LabPlan, seed: number): ArmModel {
  const all = armFacts(plan).workers.map(facts => {
    if (facts.serviceMs === undefined) throw new Error(`${facts.name}: its GPU has no fixed service time`)
    return { worker: modelWorker(facts), serviceMs: facts.serviceMs }
  })
  const serviceMs = all.map(each => each.serviceMs)
  return {
    workers: all.map(each => each.worker),
    serviceMs,
    poisson(load, forMs, gapMs) {
      // With all slots, so that arms of other prefetch are offered the same.
      const canPerSecond = all.map(each => workerPerSecond({ ...each.worker, prefetchTasks: 0 }, each.serviceMs, gapMs))
      const perSecond = load * canPerSecond.reduce((sum, each) => sum + each, 0)
      const ids = taskIds(Math.ceil((2 * perSecond * forMs) / 1_000) + 50)
      const timesMs = publishTimesMs({ kind: 'poisson', perSecond }, ids, seed)
      return ids.map((id, i) => ({ id, publishedMs: timesMs[i] ?? 0, serviceMs })).filter(task => task.publishedMs < forMs)
    },
    burst(prompts, connect) {
      const order = connect.length === 0 ? all : connect.map(name => all.find(each => each.worker.name === name)!)
      const tasks = sameTasks(
        prompts,
        order.map(each => each.serviceMs),
      )
      return { tasks, workers: order.map(({ worker }) => (connect.length === 0 ? worker : { ...worker, connectedMs: 0 })) }
    },
  }
}
