import type { Settings } from '#contracts/settings'

/** What Ollama's generations do differently. From the sources of v0.8.0, v0.17.1, v0.32.9. */
export interface ServerKind {
  /** `GET /api/version`. */
  version: string
  /** Reasoning has its own field; otherwise it is content, whatever `think` says. */
  reasoningApart: boolean
  /** Values of `think`, as a refusal lists them; empty: the field is dropped. */
  thinkLevels: readonly string[]
  /** The process that runs a model, as its errors name it. */
  runner: string
  /** Tokens that are left of a prompt which does not fit into the context. */
  truncatedTokens(contextTokens: number): number
  /** Whether some models refuse a prompt that does not fit; else all cut it. */
  refusesLongPrompts: boolean
  /** Whether `/api/ps` lists a model while it loads. */
  showsLoading: boolean
  /** Whether `/api/tags` lists capabilities. */
  tagsCapabilities: boolean
  /** Context by the memory of the card; else 4,096 on every card. */
  contextByMemory: boolean
}

/** The first tokens of a prompt that are kept, with the begin-of-text token. */
const KEPT_TOKENS = 4

export const SERVER_KINDS: Record<Settings['gpuServer'], ServerKind> = {
  '0.32': {
    version: '0.32.9',
    reasoningApart: true,
    thinkLevels: ['high', 'medium', 'low', 'max'],
    runner: 'llama-server process',
    // Half of the context is freed first: 4,096 -> 2,050 (ollama#17427, #17889).
    truncatedTokens: contextTokens =>
      contextTokens - Math.max(1, Math.floor((contextTokens - Math.min(KEPT_TOKENS, contextTokens - 1)) / 2)),
    refusesLongPrompts: true,
    showsLoading: false,
    tagsCapabilities: true,
    contextByMemory: true,
  },
  '0.17': {
    version: '0.17.1',
    reasoningApart: true,
    thinkLevels: ['high', 'medium', 'low'],
    runner: 'llama runner process',
    truncatedTokens: contextTokens => contextTokens,
    refusesLongPrompts: false,
    showsLoading: true,
    tagsCapabilities: false,
    contextByMemory: true,
  },
  '0.8': {
    version: '0.8.0',
    reasoningApart: false,
    thinkLevels: [],
    runner: 'llama runner process',
    truncatedTokens: contextTokens => contextTokens,
    refusesLongPrompts: false,
    showsLoading: true,
    tagsCapabilities: false,
    contextByMemory: false,
  },
}
