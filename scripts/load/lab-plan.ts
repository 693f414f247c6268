import { DEFAULT_PLAN, type LabPlan, plannedBroker } from '#lab'
import type { LoadPlan } from '../../loadtest/index.ts'
import { type GpuOptions, withAsked } from '../setup/gpus.ts'
import { askedBroker, type BrokerOptions } from '../setup/own-broker.ts'

/** One user may send more in a test than any person would. */
const FRAMES_PER_SECOND_MAX = 1_000_000

/** What a load test's command line says of its lab. */
export interface AskedLab extends GpuOptions, BrokerOptions {
  seed: number
  timeScale: number
  design: 'sound' | 'article'
  /** `NAME=VALUE` each. */
  set: string[]
}

export function labPlanOf(plan: Pick<LoadPlan, 'traffic'>, { design, timeScale, seed, broker, management, ca, ...own }: AskedLab): LabPlan {
  const perUser = plan.traffic.map(({ ratePerSecond, outstanding, users }) =>
    outstanding > 0 ? Number.POSITIVE_INFINITY : ratePerSecond / users,
  )
  const free = perUser.some(rate => rate > 10) ? { userFramesPerSecond: FRAMES_PER_SECOND_MAX, userTasksMax: FRAMES_PER_SECOND_MAX } : {}
  const base: LabPlan = {
    ...DEFAULT_PLAN,
    settings: { design, seed, timeScale, gpuColdLoad: false, ...free },
    ...plannedBroker(askedBroker({ broker, management, ca })),
  }
  return withAsked(base, own)
}
