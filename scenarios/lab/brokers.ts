import { LabError } from './errors.ts'

/** Nodes of the broker. */

/** What of a plan decides about them. */
export interface BrokersPlan {
  brokers?: number
  ownBroker?: { url: string }
}

/** A majority of three outlives one; of two it does not, and five are three with more to write. */
const OF_A_CLUSTER = 3

/** Names of the broker's nodes; none where it is the user's own. */
export function brokersOf({ brokers = 1, ownBroker }: BrokersPlan): string[] {
  if (ownBroker !== undefined) return []
  return brokers === 1 ? ['rabbitmq'] : Array.from({ length: brokers }, (_, i) => `broker-${i + 1}`)
}

/** Throws BAD_SETTING for another number than one or three, NOT_OUR_BROKER. */
export function refuseBrokers({ brokers = 1, ownBroker }: BrokersPlan): void {
  if (brokers === 1) return
  if (ownBroker !== undefined)
    throw new LabError(
      'NOT_OUR_BROKER',
      `--brokers: expected none with the broker ${ownBroker.url}, got ${brokers}\nDrop one: npm run lab:up -- --brokers ${OF_A_CLUSTER}`,
    )
  if (brokers === OF_A_CLUSTER) return
  const why = brokers === 2 ? ': of two nodes, either one lost leaves no majority' : ''
  throw new LabError(
    'BAD_SETTING',
    `--brokers: expected 1 or ${OF_A_CLUSTER}, got ${brokers}${why}.\nLike this: npm run lab:up -- --brokers ${OF_A_CLUSTER}`,
  )
}
