import { type Command, Option } from 'commander'
import { resolveSettings, SETTINGS } from '#contracts/settings'
import type { Sizes } from '../../scenarios/predictor/advise/question.ts'
import { numberArgument as number } from '../setup/program.ts'

/** What GPUs are asked: lengths and the model, the same in `advise` and `predict`. */

export interface SizesGiven {
  promptTokens: number
  answerTokens: number
  sizes: 'varied' | 'alike'
  model: string
}

/** Means of the Azure LLM inference trace 2023, conversations. */
const TRACE_TOKENS = { prompt: 1_155, answer: 211 } as const

export function sizesOptions(): Option[] {
  const tokens = number(1, 1_000_000, true)
  return [
    new Option('--prompt-tokens <N>', 'mean length of a prompt').argParser(tokens).default(TRACE_TOKENS.prompt),
    new Option('--answer-tokens <N>', 'mean length of an answer').argParser(tokens).default(TRACE_TOKENS.answer),
    new Option('--sizes <KIND>', 'lengths vary as in a chat service, or are all alike').choices(['varied', 'alike']).default('varied'),
    new Option('--model <NAME>', 'the size after the colon counts').default(resolveSettings({}).model),
  ]
}

/** Ends the command where the model has no such name. */
export function sizesOf({ promptTokens, answerTokens, sizes, model }: SizesGiven, command: Command): { sizes: Sizes; model: string } {
  const named = SETTINGS.model.schema.safeParse(model)
  if (!named.success) command.error(`--model: ${named.error.issues[0]?.message ?? 'not valid'}`)
  return { sizes: { promptTokens, answerTokens, varied: sizes === 'varied' }, model }
}
