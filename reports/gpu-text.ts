import type { GpuProfile } from '#contracts/gpu-profiles'
import type { GpuFaults } from '#contracts/http'
import { wrap } from '../services/terminal/text.ts'

/** The words of `npm run gpu`. */

export interface GpuReady {
  url: string
  openAiUrl: string
  controlUrl: string
  models: readonly string[]
  profile: GpuProfile
  timeScale: number
  /** Switches that are set. */
  faults: GpuFaults
}

export function readyText({ url, openAiUrl, controlUrl, models, profile, timeScale, faults }: GpuReady, columns: number): string {
  const set = Object.entries(faults)
  const rows = [
    ['', `simulated ${profile.name} (${profile.confidence}), ${timeScale === 1 ? 'in real time' : `${timeScale} times as fast`}`],
    ['Ollama   ', url],
    ['OpenAI   ', openAiUrl],
    ['control  ', `${controlUrl}: /faults, /inferences, /metrics`],
    ['models   ', models.join(', ')],
    ...(set.length === 0 ? [] : [['faults   ', set.map(([name, value]) => `${name}=${String(value)}`).join(', ')]]),
    ['', 'Ctrl-C ends it.'],
  ] as const
  return rows.flatMap(([lead, text]) => wrap(lead, text, columns, lead.length)).join('\n')
}

/** @param cpuUs of the whole process, start included */
export function costText({ inferences, tokens, cpuUs }: { inferences: number; tokens: number; cpuUs: number }): string {
  return `${inferences} answers, ${tokens} tokens${tokens === 0 ? '' : `, ${(cpuUs / tokens).toFixed(1)} us of CPU a token`}`
}
