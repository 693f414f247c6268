import type { TooLong } from '../../scenarios/predictor/trace/long-prompts.ts'
import { counted } from '../words.ts'

const DONE = { skip: 'left out', cut: 'cut to that', keep: 'kept; a lab leaves them out' } as const

/** Prompts of a trace beyond what a lab takes, and how they were taken. */
export function tooLongText({ how, rows, promptTokensMax }: TooLong): string {
  if (rows === 0) return 'no prompt was too long'
  return `${counted(rows, 'prompt')} longer than ${promptTokensMax} tokens (the chat's limit, or a GPU's context): ${DONE[how]}`
}
