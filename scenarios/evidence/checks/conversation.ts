import { reason } from '../finding.ts'
import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check } from '../verdict.ts'

/** Order within one conversation: correctness, where order between users is fairness. */

export const answersInOrder = check(
  'answers-in-order',
  'Within a conversation, on each device, questions are answered in the order of asking.',
  history => {
    const asked = new Map(eventsOf(history, 'stored').flatMap(event => (event.task === undefined ? [] : [[event.task, event] as const])))
    const last = new Map<string, { seq: number; shown: EventOf<'shown'> }>()
    let judged = 0
    const breaches = []
    for (const shown of eventsOf(history, 'shown')) {
      if (shown.task === undefined || shown.sender !== history.robot) continue
      const question = asked.get(shown.task)
      if (question === undefined) continue
      const key = `${shown.device}:${shown.conversation}`
      const before = last.get(key)
      judged += 1
      if (before !== undefined && question.seq < before.seq) {
        const values = { device: shown.device, question: question.seq, after: before.seq }
        breaches.push(breach('answers-swapped', values, question, before.shown, shown))
      }
      if (before === undefined || question.seq > before.seq) last.set(key, { seq: question.seq, shown })
    }
    return { judged, of: 'answers', breaches }
  },
)

/** Share of moments without another conversation: a worker may be between two tasks. */
const ALONE_MAX = 0.25
/** A share of fewer times says nothing. */
const HELD_BACK_MIN = 8

/** A worker that may not begin the next question takes one of another conversation. */
export const othersGoOn = check(
  'others-go-on',
  'While a question waits for the one before it and another conversation has a question ready, another conversation is served, in at least 75 % of such times.',
  history => {
    const alone = []
    let judged = 0
    const conversations = questionsOf(history)
    for (const [conversation, questions] of conversations) {
      const others = [...conversations].flatMap(([name, list]) => (name === conversation ? [] : list))
      for (const [i, { run, startedMs, endedMs }] of questions.entries()) {
        const next = questions[i + 1]
        const heldBack = next !== undefined && next.storedMs <= startedMs && next.startedMs >= endedMs
        if (!heldBack || !others.some(other => other.readyMs <= startedMs && other.startedMs > startedMs)) continue
        judged += 1
        if (others.some(other => other.startedMs < endedMs && other.endedMs > startedMs)) continue
        alone.push(breach('nobody-served', { task: next.run.task, before: run.task }, run, next.run))
      }
    }
    const share = alone.length / Math.max(1, judged)
    const unsure = judged < HELD_BACK_MIN ? reason('too-few', { least: HELD_BACK_MIN }) : undefined
    return {
      judged,
      of: 'times-in-which-a-question-was-held-back',
      breaches: unsure === undefined && share > ALONE_MAX ? alone : [],
      unsure,
    }
  },
  { timed: true },
)

interface Question {
  run: EventOf<'inference'>
  storedMs: number
  /** It was stored, and the one before it had ended. */
  readyMs: number
  startedMs: number
  endedMs: number
}

/** Questions that were inferred, by conversation, in the order of asking. */
function questionsOf(history: History): Map<string, Question[]> {
  const runs = new Map(eventsOf(history, 'inference').map(run => [run.task, run]))
  const stored = eventsOf(history, 'stored').toSorted((a, b) => a.seq - b.seq)
  const conversations = new Map<string, Question[]>()
  for (const { task = '', conversation, atMs: storedMs } of stored) {
    const run = runs.get(task)
    if (run?.startedAtMs === undefined || run.endedAtMs === undefined) continue
    const list = conversations.get(conversation) ?? []
    const readyMs = Math.max(storedMs, list.at(-1)?.endedMs ?? Number.NEGATIVE_INFINITY)
    list.push({ run, storedMs, readyMs, startedMs: run.startedAtMs, endedMs: run.endedAtMs })
    conversations.set(conversation, list)
  }
  return conversations
}
