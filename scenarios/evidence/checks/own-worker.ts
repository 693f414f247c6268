import { eventsOf, type History } from '../history.ts'
import { breach, check } from '../verdict.ts'

/** The contract of a worker of somebody's own, judged by the wire and by who asked. */

const usual = (history: History) => eventsOf(history, 'task-sent').filter(({ poison }) => !poison)

export const taskAnswered = check(
  'task-answered',
  'Every task that a model can answer is answered, in the agreed form.',
  history => {
    const tasks = usual(history)
    const answers = eventsOf(history, 'answer-received')
    const good = new Set(answers.flatMap(({ good, task }) => (good ? [task] : [])))
    const left = new Map(eventsOf(history, 'task-left').map(event => [event.task, event]))
    const forms = answers.filter(answer => !answer.good).map(answer => breach('answer-unreadable', { begins: answer.begins }, answer))
    const breaches = tasks
      .filter(({ task }) => !good.has(task))
      .map(sent => {
        const end = left.get(sent.task)
        return breach('task-unanswered', { task: sent.task, where: end?.where ?? 'gone' }, sent, ...(end === undefined ? [] : [end]))
      })
    return { judged: tasks.length, of: 'tasks', breaches: [...forms, ...breaches] }
  },
  { needsRest: true },
)

const acksOf = (history: History) => {
  const tasks = new Set(usual(history).map(({ task }) => task))
  return eventsOf(history, 'settled').filter(({ verb, task }) => (verb === 'ack' || verb === 'automatic') && tasks.has(task))
}

/** The first of each task. */
function firsts<E extends { task: string }>(events: readonly E[]): Map<string, E> {
  return new Map(events.toReversed().map(event => [event.task, event]))
}

export const acksAfterAnswer = check('acks-after-answer', 'A task is acknowledged after its answer is published.', history => {
  const acks = acksOf(history)
  const published = firsts(eventsOf(history, 'answer-published'))
  const breaches = acks.flatMap(ack => {
    if (ack.verb === 'automatic') return [breach('acked-automatically', { task: ack.task }, ack)]
    const answer = published.get(ack.task)
    if (answer === undefined) return [breach('acked-unanswered', { task: ack.task }, ack)]
    return answer.atMs <= ack.atMs ? [] : [breach('acked-early', { task: ack.task, earlyMs: answer.atMs - ack.atMs }, ack, answer)]
  })
  return { judged: acks.length, of: 'acknowledged-tasks', breaches }
})

export const answerConfirmed = check('answer-confirmed', 'The broker has confirmed an answer before its task is acknowledged.', history => {
  const acks = acksOf(history).filter(({ verb }) => verb === 'ack')
  const published = firsts(eventsOf(history, 'answer-published'))
  const confirmed = firsts(eventsOf(history, 'answer-confirmed'))
  const answered = acks.filter(({ task }) => published.has(task))
  const breaches = answered
    .filter(ack => (confirmed.get(ack.task)?.atMs ?? Number.POSITIVE_INFINITY) > ack.atMs)
    .map(ack => breach('acked-unconfirmed', { task: ack.task }, ack))
  return { judged: answered.length, of: 'acknowledged-tasks', breaches }
})

/** @param most its `PREFETCH` */
export function holdsAtMost(most: number) {
  return check('holds-at-most', `The worker holds at most ${most} unsettled tasks.`, history => {
    const delivered = eventsOf(history, 'delivered')
    const worst = delivered.toSorted((a, b) => b.held - a.held)[0]
    // RabbitMQ 3.10 hands out one more for each task that its quorum queue dead-letters.
    const given = most + eventsOf(history, 'task-left').filter(({ where }) => where === 'dead-lettered').length
    const breaches = worst === undefined || worst.held <= given ? [] : [breach('held-too-many', { held: worst.held, most }, worst)]
    return { judged: delivered.length, of: 'deliveries', breaches }
  })
}

export const settlesWhereDelivered = check(
  'settles-where-delivered',
  'A task is settled once, on the channel that delivered it.',
  history => {
    const settled = eventsOf(history, 'settled').filter(({ verb }) => verb !== 'automatic')
    const closed = eventsOf(history, 'channel-closed')
    const breaches = settled
      .filter(({ known }) => known !== 'yes')
      .map(event => {
        const end = closed.find(each => each.channel === event.channel && each.connection === event.connection && each.atMs >= event.atMs)
        const code = event.known === 'twice' ? 'settled-twice' : 'settled-elsewhere'
        return breach(code, { verb: event.verb, channel: event.channel, tag: event.tag }, event, ...(end === undefined ? [] : [end]))
      })
    return { judged: settled.length, of: 'settled-tasks', breaches }
  },
)

/** @param limit deliveries that may fail before the queue dead-letters the task */
export function poisonEnds(limit: number) {
  return check(
    'poison-ends',
    `A task that no model can answer ends in the dead-letter queue, after at most ${limit + 1} deliveries.`,
    history => {
      const poisons = eventsOf(history, 'task-sent').filter(({ poison }) => poison)
      const left = new Map(eventsOf(history, 'task-left').map(event => [event.task, event]))
      const breaches = poisons.flatMap(sent => {
        const { task } = sent
        const deliveries = eventsOf(history, 'delivered').filter(event => event.task === task)
        const settled = eventsOf(history, 'settled').filter(event => event.task === task)
        const [ack] = settled.filter(({ verb }) => verb === 'ack' || verb === 'automatic')
        if (ack !== undefined) return [breach('poison-acked', { task }, sent, ack)]
        // One may be a shutdown. Up to RabbitMQ 4.2 a nack counts, so the queue ends the loop here.
        const nacks = settled.filter(({ verb, requeue }) => verb === 'nack' && requeue)
        if (nacks.length > 1) return [breach('poison-nacked', { task, nacks: nacks.length }, sent, ...nacks)]
        const where = left.get(task)?.where ?? 'gone'
        if (where === 'dead-lettered' && deliveries.length <= limit + 1) return []
        return [breach('poison-lives', { task, where, deliveries: deliveries.length, most: limit + 1 }, sent, ...deliveries)]
      })
      return { judged: poisons.length, of: 'poison-tasks', breaches }
    },
    { needsRest: true },
  )
}

/** @param withinMs after the way to the broker is open again */
export function reconnects(withinMs: number) {
  return check('reconnects', `After a lost connection the worker consumes again within ${withinMs / 1_000} s.`, history => {
    const opened = eventsOf(history, 'way-open')
    const consumes = eventsOf(history, 'consumes')
    const ended = eventsOf(history, 'ended-unasked')
    const breaches = opened
      .filter(({ atMs }) => !consumes.some(event => event.atMs >= atMs && event.atMs <= atMs + withinMs))
      .map(event => breach(ended.length > 0 ? 'ended-without-way' : 'not-reconnected', { withinMs }, event, ...ended))
    return { judged: opened.length, of: 'lost-connections', breaches }
  })
}

/** @param withinMs between SIGTERM and the end of the process */
export function endsWhenAsked(withinMs: number) {
  return check('ends-when-asked', `After SIGTERM the worker ends within ${withinMs / 1_000} s.`, history => {
    const asked = eventsOf(history, 'asked-to-end')
    const breaches = asked
      .filter(({ tookMs }) => tookMs > withinMs)
      .map(event => breach('ended-late', { tookMs: event.tookMs, limitMs: withinMs }, event))
    return { judged: asked.length, of: 'requests-to-end', breaches }
  })
}

/** A client sends at least one frame in each heartbeat; a busy machine may delay it. */
const SILENT_MAX = 1.5

export const keepsHeartbeat = check(
  'keeps-heartbeat',
  'The worker answers the heartbeats of its connection while an inference runs.',
  history => {
    const silences = eventsOf(history, 'silence')
    const ends = eventsOf(history, 'disconnected')
    const breaches = silences.flatMap(event => {
      const { connection, heartbeatMs, longestMs } = event
      if (heartbeatMs === 0) return [breach('heartbeat-off', {}, event)]
      if (longestMs <= SILENT_MAX * heartbeatMs) return []
      return [breach('heartbeat-missed', { silentMs: longestMs, heartbeatMs }, event, ...ends.filter(end => end.connection === connection))]
    })
    return { judged: silences.length, of: 'connections', breaches }
  },
)
