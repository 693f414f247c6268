import { type EventOf, eventsOf, type History } from '../history.ts'
import { topicMatches } from '../topic-key.ts'
import { breach, check } from '../verdict.ts'

/** Checks of plain channels: who got a message, beside whom it was meant for. */

const receivedBy = (history: History) => Map.groupBy(eventsOf(history, 'received'), event => event.message)

export const reached = check(
  'reached',
  'Every message reaches everybody it is meant for; where several share the work, one of them.',
  history => {
    const got = receivedBy(history)
    const published = eventsOf(history, 'published')
    const breaches = published.flatMap(event => {
      const by = new Set(got.get(event.message)?.map(({ consumer }) => consumer))
      const without = event.meantFor.filter(name => !by.has(name))
      const lacking = event.each === 'every' ? without : without.length < event.meantFor.length ? [] : [event.meantFor.join(' or ')]
      return lacking.map(consumer =>
        breach('not-received', { message: event.message, exchange: event.exchange, key: event.key, consumer }, event),
      )
    })
    return { judged: published.length, of: 'published-messages', breaches }
  },
  { needsRest: true },
)

export const nobodyElse = check('nobody-else', 'Nobody gets a message that is meant for others.', history => {
  const published = new Map(eventsOf(history, 'published').map(event => [event.message, event]))
  const received = eventsOf(history, 'received')
  const breaches = received.flatMap(event => {
    const sent = published.get(event.message)
    if (sent?.meantFor.includes(event.consumer)) return []
    const values = {
      message: event.message,
      consumer: event.consumer,
      queue: event.queue,
      meantFor: sent?.meantFor.join(' and ') ?? 'nobody',
    }
    return [breach('received-by-others', values, ...(sent === undefined ? [] : [sent]), event)]
  })
  return { judged: received.length, of: 'received-messages', breaches }
})

export const workedOnce = check('worked-once', 'Nobody gets a message twice, and of those who share the work one gets it.', history => {
  const got = receivedBy(history)
  const published = eventsOf(history, 'published')
  const breaches = published.flatMap(event => {
    const all = got.get(event.message) ?? []
    const groups: EventOf<'received'>[][] = event.each === 'one' ? [all] : [...Map.groupBy(all, ({ consumer }) => consumer).values()]
    return groups
      .filter(group => group.length > 1)
      .map(group => {
        const consumers = [...new Set(group.map(({ consumer }) => consumer))].join(' and ')
        return breach('received-often', { message: event.message, times: group.length, consumers }, event, ...group)
      })
  })
  return { judged: published.length, of: 'published-messages', breaches }
})

export const wildcards = check(
  'wildcards',
  'A topic binding gets exactly the keys that the rule names: * is one word, # is zero or more.',
  history => {
    const topics = new Set(eventsOf(history, 'declared').flatMap(({ name, type }) => (type === 'topic' ? [name] : [])))
    const got = new Map([...receivedBy(history)].map(([message, all]) => [message, new Set(all.map(({ queue }) => queue))]))
    const bound = eventsOf(history, 'bound').filter(({ exchange }) => topics.has(exchange))
    const published = eventsOf(history, 'published').filter(({ exchange }) => topics.has(exchange))
    const breaches = published.flatMap(event =>
      bound
        .filter(
          ({ exchange, queue, key }) =>
            exchange === event.exchange && topicMatches(key, event.key) !== (got.get(event.message)?.has(queue) ?? false),
        )
        .map(binding => breach('matched-otherwise', { key: event.key, pattern: binding.key, queue: binding.queue }, binding, event)),
    )
    return { judged: bound.length * published.length, of: 'pairs-of-key-and-binding', breaches }
  },
  { needsRest: true },
)
