/** Model families as servers and clients see them. ollama#N: an issue of ollama/ollama. */

export type Think = boolean | 'low' | 'medium' | 'high' | 'max'

/** Lengths of reasoning: a log-normal draw. */
export interface ReasoningLength {
  medianTokens: number
  /** Of the logarithm: 0.7 = one in six is more than twice as long as the median. */
  sigma: number
}

export interface ModelProfile {
  /** Of the name without its namespace and tag, or with the tag. The first that matches counts. */
  name: RegExp
  family: string
  /** `never`: refuses `think`. `optional`: unless `think` is false. `always`: whatever `think` says
   *  (ollama#12917, #12837). `levels`: always, as long as the level says (ollama#11751). */
  thinking: 'never' | 'optional' | 'always' | 'levels'
  reasoning?: ReasoningLength
  /** Over the context: `truncate` = cut silently, `refuse` = 400, no shift (ollama#17889). */
  longPrompt: 'truncate' | 'refuse'
  /** What it is for. Default `completion`. */
  embedding?: true
}

/** Medians for a chat question. qwen3:14b on 0.32.4: 362 tokens for "17 x 23", 4 with `think:
 *  false` (odysseus#6213). gpt-oss least, Magistral most (Nous Research, 2025). Others assumed. */
const PROFILES: readonly ModelProfile[] = [
  {
    name: /^(?:nomic-embed|mxbai-embed|all-minilm|bge-|snowflake-arctic-embed|qwen3-embedding|embeddinggemma)/i,
    family: 'nomic-bert',
    thinking: 'never',
    longPrompt: 'refuse',
    embedding: true,
  },
  {
    name: /^qwen3-vl|^qwen3:.*thinking/i,
    family: 'qwen3',
    thinking: 'always',
    reasoning: { medianTokens: 900, sigma: 0.7 },
    longPrompt: 'truncate',
  },
  { name: /^qwen3:.*instruct|^qwen3-coder/i, family: 'qwen3', thinking: 'never', longPrompt: 'truncate' },
  { name: /^qwen3\b/i, family: 'qwen3', thinking: 'optional', reasoning: { medianTokens: 700, sigma: 0.7 }, longPrompt: 'truncate' },
  { name: /^deepseek-r1\b/i, family: 'qwen3', thinking: 'optional', reasoning: { medianTokens: 600, sigma: 0.7 }, longPrompt: 'truncate' },
  { name: /^gpt-oss\b/i, family: 'gptoss', thinking: 'levels', reasoning: { medianTokens: 250, sigma: 0.8 }, longPrompt: 'truncate' },
  { name: /^qwq\b/i, family: 'qwen2', thinking: 'always', reasoning: { medianTokens: 1_200, sigma: 0.7 }, longPrompt: 'truncate' },
  { name: /^magistral\b/i, family: 'llama', thinking: 'optional', reasoning: { medianTokens: 1_500, sigma: 0.8 }, longPrompt: 'truncate' },
]

/** Lengths relative to `medium`. Assumed. */
const LEVELS = { low: 0.25, medium: 1, high: 4, max: 4 } as const

/** A model's profile by name; unknown names are plain chat models. */
export function modelProfile(model: string): ModelProfile {
  const own = model.split('/').at(-1) ?? model
  const family = /^[a-z]+/i.exec(own)?.[0].toLowerCase() ?? 'llama'
  const found = PROFILES.find(({ name }) => name.test(own)) ?? { name: /^/, family, thinking: 'never', longPrompt: 'truncate' }
  // A registry's model (`hf.co/…`) has its maker's template and refuses (ollama#17889).
  return /^[^/]+\.[^/]+\//.test(model) ? { ...found, longPrompt: 'refuse' } : found
}

/** Reasoning length for a request's `think` (undefined = not sent); undefined if none. */
export function reasoningLength(model: string, think: Think | undefined): ReasoningLength | undefined {
  const { thinking, reasoning } = modelProfile(model)
  if (reasoning === undefined || (thinking === 'optional' && think === false)) return undefined
  const level = thinking === 'levels' && typeof think === 'string' ? LEVELS[think] : 1
  return { ...reasoning, medianTokens: reasoning.medianTokens * level }
}

/** What `/api/show` lists. */
export function capabilities(model: string): string[] {
  const { embedding, thinking } = modelProfile(model)
  if (embedding) return ['embedding']
  return ['completion', ...(thinking === 'never' ? [] : ['thinking'])]
}
