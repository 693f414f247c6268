import { eventsOf } from '../history.ts'
import { breach, check } from '../verdict.ts'

export const asDocumented = check('as-documented', 'Each sentence holds on this broker exactly if it is documented to.', history => {
  const tried = eventsOf(history, 'tried').filter(({ way }) => way === 'believed')
  const breaches = tried
    .filter(({ holds, expected }) => holds !== expected)
    .map(event => breach(event.holds ? 'sentence-holds' : 'sentence-fails', { sentence: event.sentence }, event))
  return { judged: tried.length, of: 'sentences', breaches }
})

export const rightWayHolds = check('right-way-holds', 'What a sentence promises does come the right way.', history => {
  const tried = eventsOf(history, 'tried').filter(({ way }) => way === 'right')
  const breaches = tried.filter(({ holds }) => !holds).map(event => breach('sentence-fails', { sentence: event.sentence }, event))
  return { judged: tried.length, of: 'sentences', breaches }
})
