import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check } from '../verdict.ts'

/** Checks of the red envelope: many take at once, and the sum must be right. */

const shares = (history: History, envelope: string) =>
  eventsOf(history, 'took').filter(event => event.envelope === envelope && event.shareCents > 0)

const sumOf = (took: readonly EventOf<'took'>[]) => took.reduce((sum, { shareCents }) => sum + shareCents, 0)

/** The first two who took from one and the same balance. */
function sameBalance(took: readonly EventOf<'took'>[]): EventOf<'took'>[] {
  const bySeen = Map.groupBy(took, ({ sawCents }) => sawCents)
  return [...bySeen.values()].find(group => group.length > 1)?.slice(0, 2) ?? []
}

export const neverOverspent = check('never-overspent', 'Together the takers get no more than the envelope held.', history => {
  const envelopes = eventsOf(history, 'envelope')
  const breaches = envelopes.flatMap(event => {
    const took = shares(history, event.envelope)
    const takenCents = sumOf(took)
    if (takenCents <= event.amountCents) return []
    const twins = sameBalance(took)
    const values = {
      envelope: event.envelope,
      takers: took.length,
      takenCents,
      amountCents: event.amountCents,
      sawCents: twins[0]?.sawCents ?? 0,
    }
    return [breach('overspent', values, event, ...twins)]
  })
  return { judged: eventsOf(history, 'took').length, of: 'takes', breaches }
})

export const balanceExact = check(
  'balance-exact',
  'What is left in the database is what the envelope held without what was taken.',
  history => {
    const left = new Map(eventsOf(history, 'balance').map(event => [event.envelope, event]))
    const envelopes = eventsOf(history, 'envelope').filter(({ envelope }) => left.has(envelope))
    const breaches = envelopes.flatMap(event => {
      const [balance, expectedCents] = [left.get(event.envelope)!, event.amountCents - sumOf(shares(history, event.envelope))]
      if (balance.leftCents === expectedCents) return []
      return [breach('balance-differs', { envelope: event.envelope, leftCents: balance.leftCents, expectedCents }, event, balance)]
    })
    return { judged: envelopes.length, of: 'balances', breaches }
  },
  { needsRest: true },
)

export const everyShareTaken = check(
  'every-share-taken',
  'As many people get a share as the envelope was meant for, and it is empty then.',
  history => {
    const left = new Map(eventsOf(history, 'balance').map(event => [event.envelope, event]))
    const envelopes = eventsOf(history, 'envelope')
    const breaches = envelopes.flatMap(event => {
      const balance = left.get(event.envelope)
      const got = shares(history, event.envelope).length
      if (got === event.takes && balance?.leftCents === 0) return []
      const values = { envelope: event.envelope, shares: got, takes: event.takes, leftCents: balance?.leftCents ?? 0 }
      return [breach('share-lost', values, event, ...(balance === undefined ? [] : [balance]))]
    })
    return { judged: envelopes.length, of: 'envelopes', breaches }
  },
  { needsRest: true },
)
