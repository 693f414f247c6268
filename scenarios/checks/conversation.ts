import { type EventOf, eventsOf } from './history.ts'
import { check } from './verdict.ts'

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
        breaches.push({
          what: `${shown.device} showed the answer to question ${question.seq} after the one to question ${before.seq}`,
          witnesses: [question, before.shown, shown],
        })
      }
      if (before === undefined || question.seq > before.seq) last.set(key, { seq: question.seq, shown })
    }
    return { judged, of: 'answers', breaches }
  },
)
