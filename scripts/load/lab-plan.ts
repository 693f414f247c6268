import { answerTokens } from '#contracts/gpu-timing'
import type { SettingsInput } from '#contracts/settings'
import { type AskedBroker, DEFAULT_PLAN, type LabPlan, plannedBroker } from '#lab'

import type { LoadPlan } from '../../loadtest/index.ts'
import { capFor } from '../../scenarios/experiment/replay/lab-work.ts'
import { type GpuOptions, withAsked } from '../setup/gpus.ts'
import { askedBroker, type BrokerOptions } from '../setup/own-broker.ts'

/** One user may send more in a test than any person would. */
const FRAMES_PER_SECOND_MAX = 1_000_000

/** What a load test's command line says of its lab. */
export interface AskedLab extends GpuOptions, BrokerOptions {
  /** Once it was looked at. */
  onBroker?: AskedBroker
  seed: number
  timeScale: number
  design: 'sound' | 'article'
  model?: string
  /** `NAME=VALUE` each. */
  set: string[]
}

/** One's own GPUs and settings over those of a load test. */
export function labOf(
  { design, timeScale, seed, model, broker, management, ca, onBroker, ...own }: AskedLab,
  settings: SettingsInput,
): LabPlan {
  const named = model === undefined ? {} : { model }
  const base: LabPlan = {
    ...DEFAULT_PLAN,
    settings: { design, seed, timeScale, gpuColdLoad: false, ...named, ...settings },
    ...plannedBroker(onBroker ?? askedBroker({ broker, management, ca })),
  }
  return withAsked(base, own)
}

export function labPlanOf({ traffic }: Pick<LoadPlan, 'traffic'>, asked: AskedLab): LabPlan {
  const perUser = traffic.map(({ ratePerSecond, outstanding, users }) =>
    outstanding > 0 ? Number.POSITIVE_INFINITY : ratePerSecond / users,
  )
  const free = perUser.some(rate => rate > 10) ? { userFramesPerSecond: FRAMES_PER_SECOND_MAX, userTasksMax: FRAMES_PER_SECOND_MAX } : {}
  const answers = traffic.flatMap(({ prompts }) => prompts.map(({ text }) => answerTokens(0, '', text, Number.MAX_SAFE_INTEGER)))
  return labOf(asked, { ...free, ...capFor(answers) })
}
