import { answerDirective } from '#contracts/gpu-timing'
import { BODY_MAX_BYTES } from '#contracts/limits'

/** As `countTokens` has it. */
const TOKEN_BYTES = 4
const FILLER = 'the quick brown fox jumps over the lazy dog and '

/** Whether a prompt of that many tokens may be sent at all. */
export function fitsPrompt(tokens: number): boolean {
  return tokens * TOKEN_BYTES <= BODY_MAX_BYTES
}

/** A prompt that counts as `promptTokens` and tells a simulated GPU how long its answer is. Shorter ones than the telling itself come out at
 *  its length, 6 or 7 tokens. ASCII, no space at either end. */
export function promptText(promptTokens: number, answerTokens: number): string {
  const directive = answerDirective(answerTokens)
  const bytes = promptTokens * TOKEN_BYTES - directive.length - 1
  if (bytes < 1) return directive
  return `${directive} ${FILLER.repeat(Math.ceil(bytes / FILLER.length)).slice(0, bytes - 1)}.`
}
