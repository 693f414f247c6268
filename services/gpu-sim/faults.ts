import type { GpuFaults } from '#contracts/http'

export class FaultSwitches {
  #faults: GpuFaults = {}

  get current(): GpuFaults {
    return this.#faults
  }

  replace(faults: GpuFaults): void {
    this.#faults = faults
  }

  /** This request's faults; uses up one of `times`. @param counted false: no prompt, none used. */
  take(task: string, prompt: string, counted = true): GpuFaults {
    const { times, onlyTask, onlyPromptsWith } = this.#faults
    if (onlyTask !== undefined && onlyTask !== task) return {}
    if (onlyPromptsWith !== undefined && !prompt.includes(onlyPromptsWith)) return {}
    const hit = this.#faults
    if (counted && times !== undefined) this.#faults = times > 1 ? { ...hit, times: times - 1 } : {}
    return hit
  }
}

/** After which token the answer is cut, silent or an error; undefined if none is. */
export function stopsAfter(faults: GpuFaults): { how: 'cut' | 'hang' | 'error'; tokens: number } | undefined {
  const { cutAfterTokens, hangAfterTokens, errorAfterTokens } = faults
  const stops = [
    ...(cutAfterTokens === undefined ? [] : [{ how: 'cut' as const, tokens: cutAfterTokens }]),
    ...(hangAfterTokens === undefined ? [] : [{ how: 'hang' as const, tokens: hangAfterTokens }]),
    ...(errorAfterTokens === undefined ? [] : [{ how: 'error' as const, tokens: errorAfterTokens }]),
  ]
  return stops.sort((a, b) => a.tokens - b.tokens)[0]
}
