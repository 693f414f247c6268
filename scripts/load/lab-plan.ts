import { DEFAULT_PLAN, type LabPlan, withSetting } from '#lab'
import type { LoadPlan } from '../../loadtest/index.ts'
import type { Options } from './run.ts'

/** One user may send more in a test than any person would. */
const FRAMES_PER_SECOND_MAX = 1_000_000

/** The lab that a load test runs in. */
export function labPlanOf(plan: LoadPlan, { design, timeScale, seed, set, broker }: Options): LabPlan {
  const perUser = plan.traffic.map(({ ratePerSecond, outstanding, users }) =>
    outstanding > 0 ? Number.POSITIVE_INFINITY : ratePerSecond / users,
  )
  const free = perUser.some(rate => rate > 10) ? { userFramesPerSecond: FRAMES_PER_SECOND_MAX, userTasksMax: FRAMES_PER_SECOND_MAX } : {}
  const base: LabPlan = {
    ...DEFAULT_PLAN,
    settings: { design, seed, timeScale, gpuColdLoad: false, ...free },
    ...(broker === undefined ? {} : { broker }),
  }
  return set.reduce(withSetting, base)
}
