import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, type Check, check } from '../verdict.ts'

/** Checks of an answer against what the model server itself reported of it. */

/** An answer whose content comes for so long is seen to grow. Milliseconds. */
const SEEN_FROM_MS = 150

const done = (history: History) => eventsOf(history, 'reported').filter(answer => answer.outcome === 'done')

/** The last one of a task stands. */
function byTask(history: History): Map<string, EventOf<'reported'>> {
  return new Map(done(history).map(answer => [answer.task, answer]))
}

export const streamed = check(
  'streamed',
  `Every answer that streams for at least ${SEEN_FROM_MS} ms grows in its asker's view, and none shrinks.`,
  history => {
    const reads = eventsOf(history, 'read')
    const answers = byTask(history)
    const streamedMs = (task: string) => {
      const answer = answers.get(task)
      return answer?.contentMs ?? answer?.decodeMs ?? 0
    }
    const breaches = reads.flatMap(read => {
      const { device, task } = read
      if (!read.grew) return [breach('text-taken-back', { device, task }, read)]
      // Pieces go out twenty a second: an answer shorter than three may show none.
      if (read.partials > 0 || streamedMs(read.task) < SEEN_FROM_MS) return []
      return [breach('not-streamed', { device, task, tookMs: streamedMs(task) }, read)]
    })
    return { judged: reads.length, of: 'answers-read', breaches }
  },
)

export const reasoningRemoved = check(
  'reasoning-removed',
  'What the asker reads is the answer that the model gave, word for word, and nothing of its reasoning.',
  history => {
    const answers = byTask(history)
    const reads = eventsOf(history, 'read')
    const breaches = reads.flatMap(read => {
      const answer = answers.get(read.task)
      if (answer === undefined) return []
      const wanted = answersIn(answer)
      const values = { device: read.device, task: read.task, characters: read.text.length, answered: wanted[0]?.length ?? 0 }
      return wanted.includes(read.text.trim()) ? [] : [breach('text-differs', values, read, answer)]
    })
    return { judged: reads.length, of: 'answers-read', breaches }
  },
)

/** What may be shown: with reasoning in its own field, all content, tags included. */
function answersIn({ text, reasoning }: EventOf<'reported'>): string[] {
  if (reasoning !== '') return [text.trim()]
  if (text.trimStart().startsWith('<think>')) return [withoutBlocks(text).trim()]
  // A closing tag alone ends reasoning in some templates, and is text in others.
  const [, ...behind] = text.split('</think>')
  return [text.trim(), ...(behind.length === 0 ? [] : [behind.join('</think>').trim()])]
}

/** Without leading blocks, nested ones too, and stray closing tags. */
function withoutBlocks(text: string): string {
  let depth = 0
  for (const { 0: tag, index } of text.matchAll(/<\/?think>/g)) {
    depth = Math.max(0, depth + (tag === '<think>' ? 1 : -1))
    const rest = text.slice(index + tag.length)
    if (depth === 0 && !/^\s*<\/?think>/.test(rest)) return rest
  }
  return ''
}

/** Of a worker, as it showed it; undefined in a history without settings. */
function capSetting(history: History, worker: string): number | undefined {
  const event = eventsOf(history, 'setting').findLast(one => one.part === worker && one.setting === 'answerTokensMax')
  return event === undefined ? undefined : Number(event.seen)
}

const CAPPED =
  "No answer has more tokens than answerTokensMax, by the server's own count; each request has that limit where the server reads it."

/** @param tokens the cap, where the history does not have it. */
export function capped(tokens: number): Check {
  return check('capped', CAPPED, history => {
    const answers = done(history)
    const breaches = answers.flatMap(answer => {
      const cap = capSetting(history, answer.worker) ?? tokens
      const { task, answerTokens, capTokens } = answer
      if (answerTokens > cap || answerTokens < 1) return [breach('tokens-differ', { task, answerTokens, cap }, answer)]
      if (capTokens === null) return [breach('cap-unknown', { task, cap }, answer)]
      return capTokens !== undefined && capTokens !== cap ? [breach('cap-differs', { task, capTokens, cap }, answer)] : []
    })
    return { judged: answers.length, of: 'answers', breaches }
  })
}
