import { answerDirective } from '#contracts/gpu-timing'
import { TOKEN_BYTES } from '../../predictor/trace/long-prompts.ts'

const FILLER = 'the quick brown fox jumps over the lazy dog and '

/** `promptTokens` in ASCII that set a simulated answer's length; the directive alone is 6 or 7. */
export function promptText(promptTokens: number, answerTokens: number): string {
  const directive = answerDirective(answerTokens)
  const bytes = promptTokens * TOKEN_BYTES - directive.length - 1
  if (bytes < 1) return directive
  return `${directive} ${FILLER.repeat(Math.ceil(bytes / FILLER.length)).slice(0, bytes - 1)}.`
}
