import { z } from 'zod'
import { GpuFaults } from '#contracts/http'

/** All fault switches: those of the contract, and some that this server knows besides. An unknown switch is refused: it would seem to hold. */
export const Faults = GpuFaults.extend({
  /** Hit at most so many inferences, then switch everything off; `GET /faults` shows how many are left. Default: all. */
  times: z.int().min(1).optional(),
  /** Only this task is hit, by its header. */
  onlyTask: z.string().min(1).optional(),
  /** Form of a reasoning model's reasoning: `apart` in the API's own field, `inline` between `<think>` and `</think>` as Ollama had it before
   *  0.9, `only` = it reasons to the last token and answers nothing. */
  reasoning: z.enum(['apart', 'inline', 'only']).optional(),
  /** The server is down: its port is closed and every connection cut, until this is cleared. Concerns all tasks. */
  down: z.boolean().optional(),
}).refine(f => f.down !== true || (f.times === undefined && f.onlyTask === undefined && f.onlyPromptsWith === undefined), {
  message: 'a server is down for everybody: `down` goes with neither times, onlyTask nor onlyPromptsWith',
})
export type Faults = z.infer<typeof Faults>

export class FaultSwitches {
  #faults: Faults = {}

  get current(): Faults {
    return this.#faults
  }

  replace(faults: Faults): void {
    this.#faults = faults
  }

  /** The switches that hit this inference; one of `times` is used up. */
  take(task: string, prompt: string): Faults {
    const { times, onlyTask, onlyPromptsWith } = this.#faults
    if (onlyTask !== undefined && onlyTask !== task) return {}
    if (onlyPromptsWith !== undefined && !prompt.includes(onlyPromptsWith)) return {}
    const hit = this.#faults
    if (times !== undefined) this.#faults = times > 1 ? { ...hit, times: times - 1 } : {}
    return hit
  }
}

/** Whether the connection is cut, goes silent or ends in an error after so many tokens; undefined when the answer comes to its end. */
export function stopsAfter(faults: Faults): { how: 'cut' | 'hang' | 'error'; tokens: number } | undefined {
  const { cutAfterTokens, hangAfterTokens, errorAfterTokens } = faults
  const stops = [
    ...(cutAfterTokens === undefined ? [] : [{ how: 'cut' as const, tokens: cutAfterTokens }]),
    ...(hangAfterTokens === undefined ? [] : [{ how: 'hang' as const, tokens: hangAfterTokens }]),
    ...(errorAfterTokens === undefined ? [] : [{ how: 'error' as const, tokens: errorAfterTokens }]),
  ]
  return stops.sort((a, b) => a.tokens - b.tokens)[0]
}
