import { BODY_MAX_BYTES } from '#contracts/limits'
import type { TraceRow } from './row.ts'

/** Prompts that a chat or a context cannot take: what a trace's reader does with them. Pure. */

export const LONG_PROMPTS = ['skip', 'cut', 'keep'] as const
export type LongPrompts = (typeof LONG_PROMPTS)[number]

/** As `countTokens` has it. */
export const TOKEN_BYTES = 4

/** The longest prompt that chat and context take, with room for an answer. Tokens. */
export function longestPrompt(contextTokens = Number.POSITIVE_INFINITY): number {
  return Math.min(Math.floor(BODY_MAX_BYTES / TOKEN_BYTES), contextTokens - 1)
}

/** How the long ones were taken. */
export interface TooLong {
  how: LongPrompts
  /** How many there were among the rows that were read. */
  rows: number
  promptTokensMax: number
}

/** Lets rows pass, cut or not, and counts. */
export class Fitting implements TooLong {
  readonly how: LongPrompts
  readonly promptTokensMax: number
  rows = 0

  constructor(how: LongPrompts, contextTokens?: number) {
    this.how = how
    this.promptTokensMax = longestPrompt(contextTokens)
  }

  /** Undefined: it is left out. */
  readonly fit = (row: TraceRow): TraceRow | undefined => {
    if (row.promptTokens <= this.promptTokensMax) return row
    this.rows += 1
    if (this.how === 'keep') return row
    return this.how === 'cut' ? { ...row, promptTokens: this.promptTokensMax } : undefined
  }

  /** Without its method, for a document. */
  get counted(): TooLong {
    const { how, rows, promptTokensMax } = this
    return { how, rows, promptTokensMax }
  }
}
