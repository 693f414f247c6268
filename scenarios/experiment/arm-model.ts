import { gpuProfile } from '#contracts/gpu-profiles'
import { capacityPerSecond, type ModelTask, type ModelWorker, publishTimesMs, sameTasks, taskIds } from '#predictor'
import { type LabPlan, settingsOf } from '../lab/plan.ts'

/** An arm as the predictor sees it: workers, and prompts with their time on each GPU. Pure. */
export interface ArmModel {
  /** Name, prefetch and slots of each. */
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
  const all = plan.workers.map(({ name, gpu }) => {
    const { workerPrefetchTasks: prefetchTasks, workerSlots: slots } = settingsOf(plan, name)
    return { worker: { name, prefetchTasks, slots }, serviceMs: serviceMsOf(plan, gpu) }
  })
  const serviceMs = all.map(each => each.serviceMs)
  return {
    workers: all.map(each => each.worker),
    serviceMs,
    poisson(load, forMs, gapMs) {
      const eachMs = serviceMs.map(ms => ms + gapMs)
      const perSecond = load * capacityPerSecond([eachMs], eachMs.length)
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

function serviceMsOf(plan: LabPlan, gpu: string): number {
  const profile = gpuProfile(plan.gpus.find(other => other.name === gpu)?.profile ?? '')
  if (profile.fixedServiceMs === undefined) throw new Error(`${gpu}: ${profile.name} has no fixed service time`)
  return profile.fixedServiceMs / settingsOf(plan, gpu).timeScale
}
