import { gpuProfile } from '#contracts/gpu-profiles'
import { defaultContextTokens } from '#contracts/gpu-timing'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import { type LabPlan, settingsOf } from '../../lab/plan.ts'
import type { ReplayOptions } from './plan.ts'

/** What the simulated GPUs of a lab are asked, and how fast each is. */
export function workOf(lab: LabPlan): Pick<ReplayOptions, 'gpus' | 'model' | 'timeScale' | 'answerTokensMax'> & { contextTokens: number } {
  const { model, answerTokensMax, timeScale } = resolveSettings(lab.settings)
  const gpus = lab.workers.map(worker => {
    const { workerSlots, contextTokens } = settingsOf(lab, worker.name)
    const { name, profile } = lab.gpus.find(gpu => gpu.name === worker.gpu)!
    const card = gpuProfile(profile)
    return { name, profile: card, workerSlots, contextTokens: contextTokens === 0 ? defaultContextTokens(card) : contextTokens }
  })
  const contextTokens = Math.min(...gpus.map(gpu => gpu.contextTokens))
  return { gpus, model, timeScale, answerTokensMax, contextTokens }
}

/** The setting that keeps the answers of a trace whole, where the default would cut them. */
export function capFor(answerTokens: readonly number[]): Pick<SettingsInput, 'answerTokensMax'> {
  const longest = answerTokens.reduce((most, tokens) => Math.max(most, tokens), 0)
  return longest > resolveSettings({}).answerTokensMax ? { answerTokensMax: longest } : {}
}
