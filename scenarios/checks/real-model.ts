import { type EventOf, eventsOf, type History } from './history.ts'
import { type Check, check } from './verdict.ts'

/** Checks of an answer against what the model server itself reported of it. */

/** The server rounds each of its durations by itself; our clock begins before the request is sent. Milliseconds. */
const CLOCK_SLACK_MS = 2
/** An answer that takes so long to decode is seen to grow. Milliseconds. */
const SEEN_FROM_MS = 150

const done = (history: History) => eventsOf(history, 'reported').filter(answer => answer.outcome === 'done')

/** The last one of a task stands. */
function byTask(history: History): Map<string, EventOf<'reported'>> {
  return new Map(done(history).map(answer => [answer.task, answer]))
}

export const streamed = check(
  'streamed',
  "Every answer comes in pieces and grows in its asker's view: what is shown is never taken back.",
  history => {
    const reads = eventsOf(history, 'read')
    const answers = byTask(history)
    // Pieces go out twenty times a second: of an answer that is over before the third nobody need have seen any.
    const judged = reads.filter(read => !read.grew || (answers.get(read.task)?.decodeMs ?? 0) >= SEEN_FROM_MS)
    const breaches = judged.flatMap(read => {
      if (!read.grew)
        return [{ what: `${read.device} saw text of task ${read.task} that its answer does not begin with`, witnesses: [read] }]
      if (read.partials > 0) return []
      const tookMs = Math.round(answers.get(read.task)?.decodeMs ?? 0)
      return [{ what: `${read.device} saw nothing of task ${read.task} before its end, though it took ${tookMs} ms`, witnesses: [read] }]
    })
    return { judged: judged.length, of: 'answers read', breaches }
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
      const wanted = answer.text.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim()
      return read.text.trim() === wanted && !/<\/?think>/.test(read.text)
        ? []
        : [
            {
              what: `${read.device} read ${read.text.length} characters for task ${read.task}, the model answered ${wanted.length} besides its reasoning`,
              witnesses: [read, answer],
            },
          ]
    })
    return { judged: reads.length, of: 'answers read', breaches }
  },
)

/** @param tokens that an answer may have */
export function capped(tokens: number): Check {
  return check('capped', `No answer has more than ${tokens} tokens, by the server's own count; each has some.`, history => {
    const answers = done(history)
    const breaches = answers
      .filter(answer => answer.answerTokens > tokens || answer.answerTokens < 1 || answer.promptTokens < 1)
      .map(answer => ({
        what: `task ${answer.task} was answered with ${answer.answerTokens} tokens to a prompt of ${answer.promptTokens}`,
        witnesses: [answer],
      }))
    return { judged: answers.length, of: 'answers', breaches }
  })
}

export const durationsAgree = check(
  'durations-agree',
  "The server's durations make sense: load, prefill and decode fit into its total, and its total into the time that passed here.",
  history => {
    const answers = done(history)
    const breaches = answers.flatMap(answer => {
      const parts = answer.loadMs + answer.prefillMs + answer.decodeMs
      if (parts > answer.totalMs + CLOCK_SLACK_MS)
        return [
          {
            what: `task ${answer.task}: load, prefill and decode are ${parts.toFixed(1)} ms, the total ${answer.totalMs.toFixed(1)} ms`,
            witnesses: [answer],
          },
        ]
      if (answer.totalMs > answer.tookMs + CLOCK_SLACK_MS || answer.decodeMs <= 0)
        return [
          {
            what: `task ${answer.task}: the server says ${answer.totalMs.toFixed(1)} ms in all, ${answer.decodeMs.toFixed(1)} ms of decode; here it took ${answer.tookMs.toFixed(1)} ms`,
            witnesses: [answer],
          },
        ]
      return []
    })
    return { judged: answers.length, of: 'answers', breaches }
  },
)
