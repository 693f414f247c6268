import type { History } from '../history.ts'
import { type AskedPrompt, askedPrompts, type PromptEnd, promptEnds } from '../prompts.ts'
import { breach, check, type Found } from '../verdict.ts'

/** What users lose, whichever way their prompts take. */

/** Judges prompts through our nodes and those to a balancer alike. */
export const everyPromptServed = check(
  'every-prompt-served',
  'Every prompt that a user sends gets its whole answer: no error, no apology, and no wait in vain.',
  history => {
    const breaches = unserved(history).map(({ send, end }): Found => {
      const about = { user: send.user, message: send.clientMessageId }
      if (end === undefined) return breach('no-answer', about, send)
      if (end.event.kind === 'shown') return breach('only-apology', about, send, end.event)
      const error = end.event.asked.map(({ server, result }) => `${result} by ${server}`).join(', ')
      return breach('error-seen', { ...about, error }, send, end.event)
    })
    return { judged: askedPrompts(history).length, of: 'prompts-sent', breaches }
  },
  { needsRest: true },
)

/** Prompts whose user has no answer. */
export function unserved(history: History): (AskedPrompt & { end: PromptEnd | undefined })[] {
  const ends = promptEnds(history)
  return askedPrompts(history)
    .map(asked => ({ ...asked, end: asked.task === undefined ? undefined : ends.get(asked.task) }))
    .filter(({ end }) => end?.answered !== true)
}
