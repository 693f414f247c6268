import { summarise } from '#predictor'
import { reason } from '../finding.ts'
import { type EventOf, eventsOf, type History, sendKey, sendsOf } from '../history.ts'
import { breach, type Check, check } from '../verdict.ts'

/** Checks of what a poison costs those who ask beside it. */

/** A percentile of fewer waits says nothing. */
const BESIDE_MIN = 10

/** Prompts that a model can answer, by whether they were asked before or after the first poison. */
function besidePoison(history: History): { before: EventOf<'stored'>[]; after: EventOf<'stored'>[] } {
  const marked = eventsOf(history, 'marked')
  const poison = new Set(marked.map(event => event.task))
  const sinceMs = marked[0]?.atMs
  const prompts = eventsOf(history, 'stored').filter(({ task }) => task !== undefined && !poison.has(task))
  if (sinceMs === undefined) return { before: [], after: [] }
  return { before: prompts.filter(prompt => prompt.atMs < sinceMs), after: prompts.filter(prompt => prompt.atMs >= sinceMs) }
}

export const neighboursFirstTry = check(
  'neighbours-first-try',
  'A prompt asked after a poison costs one inference: it shares none of its failures.',
  history => {
    const runs = Map.groupBy(eventsOf(history, 'inference'), run => run.task)
    const begun = besidePoison(history).after.flatMap(prompt => {
      const own = runs.get(prompt.task ?? '')
      return own === undefined ? [] : [{ prompt, own }]
    })
    const breaches = begun.flatMap(({ prompt, own }) =>
      own.length === 1 && own[0]?.outcome !== 'failed' && own[0]?.outcome !== 'aborted'
        ? []
        : [breach('neighbour-inferences', { user: prompt.user, message: prompt.clientMessageId, inferences: own.length }, prompt, ...own)],
    )
    return { judged: begun.length, of: 'prompts-asked-after-a-poison', breaches }
  },
)

/** A prompt after the poison that never began waits until the arm ends; one before it is skipped.
 *  @param factor times the p95 wait of those before. */
export function neighboursWait(factor: number): Check {
  return check(
    'neighbours-wait',
    `The p95 wait of prompts asked after a poison is at most ${factor} x that of those asked before it.`,
    history => {
      const sends = sendsOf(history)
      const starts = new Map<string, EventOf<'inference'>>()
      for (const run of eventsOf(history, 'inference')) {
        const known = starts.get(run.task)?.startedAtMs ?? Number.POSITIVE_INFINITY
        if (run.startedAtMs !== undefined && run.startedAtMs < known) starts.set(run.task, run)
      }
      const endMs = eventsOf(history, 'rest').at(-1)?.atMs ?? Number.POSITIVE_INFINITY
      const waitOf = ({ user, clientMessageId, atMs, task = '' }: EventOf<'stored'>) =>
        (starts.get(task)?.startedAtMs ?? endMs) - (sends.get(sendKey(user, clientMessageId))?.atMs ?? atMs)
      const { before: all, after } = besidePoison(history)
      const before = all.filter(prompt => starts.has(prompt.task ?? ''))
      const judged = after.length
      const few = Math.min(before.length, after.length) < BESIDE_MIN ? reason('too-few', { least: BESIDE_MIN }) : undefined
      const waiting = after.filter(prompt => !starts.has(prompt.task ?? '')).length
      const unsure = few ?? (waiting > 0 ? reason('never-begun', { count: waiting }) : undefined)
      const [beforeMs, afterMs] = [before, after].map(prompts => summarise(prompts.map(waitOf)).p95)
      const breaches = []
      if (few === undefined && afterMs! > factor * beforeMs!) {
        const longest = after.reduce((most, prompt) => (waitOf(prompt) > waitOf(most) ? prompt : most))
        const run = starts.get(longest.task ?? '')
        const values = { afterMs: afterMs!, beforeMs: beforeMs!, limitMs: factor * beforeMs! }
        breaches.push(breach('neighbours-waited', values, longest, ...(run === undefined ? [] : [run])))
      }
      return { judged, of: 'prompts-asked-after-a-poison', breaches, unsure }
    },
    { timed: true, needsRest: true },
  )
}
