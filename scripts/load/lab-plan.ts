import { type BrokerGeneration, DEFAULT_PLAN, type LabPlan } from '#lab'
import type { LoadPlan } from '../../loadtest/index.ts'
import { type GpuOptions, withAsked } from '../setup/gpus.ts'

/** One user may send more in a test than any person would. */
const FRAMES_PER_SECOND_MAX = 1_000_000

/** What a load test's command line says of its lab. */
export interface AskedLab extends GpuOptions {
  seed: number
  timeScale: number
  broker?: BrokerGeneration
  design: 'sound' | 'article'
  /** `NAME=VALUE` each. */
  set: string[]
}

export function labPlanOf(plan: Pick<LoadPlan, 'traffic'>, { design, timeScale, seed, broker, ...own }: AskedLab): LabPlan {
  const perUser = plan.traffic.map(({ ratePerSecond, outstanding, users }) =>
    outstanding > 0 ? Number.POSITIVE_INFINITY : ratePerSecond / users,
  )
  const free = perUser.some(rate => rate > 10) ? { userFramesPerSecond: FRAMES_PER_SECOND_MAX, userTasksMax: FRAMES_PER_SECOND_MAX } : {}
  const base: LabPlan = {
    ...DEFAULT_PLAN,
    settings: { design, seed, timeScale, gpuColdLoad: false, ...free },
    ...(broker === undefined ? {} : { broker }),
  }
  return withAsked(base, own)
}
