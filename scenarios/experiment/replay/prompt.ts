import { answerDirective } from '#contracts/gpu-timing'
import { BODY_MAX_BYTES } from '#contracts/limits'

/** As `countTokens` has it. */
const TOKEN_BYTES = 4
const FILLER = 'the quick brown fox jumps over the lazy dog and '

/** Whether a prompt of that many tokens may be sent at all. */
export function fitsPrompt(tokens: number): boolean {
  return tokens * TOKEN_BYTES <= BODY_MAX_BYTES
}

/** `promptTokens` in ASCII that set a simulated answer's length; the directive alone is 6 or 7. */
export function promptText(promptTokens: number, answerTokens: number): string {
  const directive = answerDirective(answerTokens)
  const bytes = promptTokens * TOKEN_BYTES - directive.length - 1
  if (bytes < 1) return directive
  return `${directive} ${FILLER.repeat(Math.ceil(bytes / FILLER.length)).slice(0, bytes - 1)}.`
}
