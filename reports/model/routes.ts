import { type EventOf, eventsOf, type History } from '#evidence/history'

/** Plain channels as a picture: exchanges, bindings, queues, and who got what. Pure. */

export interface Sent {
  message: string
  key: string
}

export interface Routes {
  exchanges: { name: string; type: string; sent: Sent[] }[]
  queues: { name: string; bindings: { exchange: string; key: string }[]; consumers: string[] }[]
  consumers: { name: string; got: string[]; missing: string[]; unwanted: string[] }[]
}

export function routesOf(history: History): Routes {
  const declared = eventsOf(history, 'declared')
  const published = eventsOf(history, 'published')
  const received = eventsOf(history, 'received')
  const bound = eventsOf(history, 'bound')
  const names = [
    ...new Set([...declared.flatMap(({ what, name }) => (what === 'exchange' ? [name] : [])), ...published.map(p => p.exchange)]),
  ]
  const exchanges = names.map(name => ({
    name,
    type: declared.find(each => each.what === 'exchange' && each.name === name)?.type ?? '',
    sent: published.filter(({ exchange }) => exchange === name).map(({ message, key }) => ({ message, key })),
  }))
  const byQueue = Map.groupBy(received, ({ queue }) => queue)
  const queues = [...new Set(declared.flatMap(({ what, name }) => (what === 'queue' ? [name] : [])))].map(name => ({
    name,
    bindings: bindingsOf(name, bound, names.includes('')),
    consumers: [...new Set(byQueue.get(name)?.map(({ consumer }) => consumer))],
  }))
  return { exchanges, queues, consumers: consumersOf(published, received) }
}

/** The nameless exchange knows each queue by its name. */
function bindingsOf(queue: string, bound: readonly EventOf<'bound'>[], nameless: boolean): { exchange: string; key: string }[] {
  const same = ({ exchange, key }: EventOf<'bound'>) => `${exchange} ${key}`
  const all = bound.filter(binding => binding.queue === queue)
  const own = all
    .filter((each, i) => all.findIndex(other => same(other) === same(each)) === i)
    .map(({ exchange, key }) => ({ exchange, key }))
  return own.length === 0 && nameless ? [{ exchange: '', key: queue }] : own
}

function consumersOf(published: readonly EventOf<'published'>[], received: readonly EventOf<'received'>[]): Routes['consumers'] {
  const names = [...new Set([...published.flatMap(({ meantFor }) => meantFor), ...received.map(({ consumer }) => consumer)])]
  return names.map(name => {
    const got = received.filter(({ consumer }) => consumer === name).map(({ message }) => message)
    const wanted = published.filter(({ meantFor }) => meantFor.includes(name))
    const missing = wanted.filter(({ message, each }) => each === 'every' && !got.includes(message)).map(({ message }) => message)
    const unwanted = got.filter(message => {
      const sent = published.find(event => event.message === message)
      const workedTwice = sent?.each === 'one' && received.filter(event => event.message === message).length > 1
      return workedTwice || !sent?.meantFor.includes(name)
    })
    return { name, got, missing, unwanted }
  })
}
