import type { FanOutPublisher } from './types.ts'

/** The article's way, and the easiest to read: each event is one broker message, and every node, this one included, receives it and delivers what is its own. */
export const plain: FanOutPublisher = (deliveries, { publish }) =>
  Promise.all(deliveries.map(delivery => publish([delivery]))).then(
    outcomes => outcomes.find(outcome => outcome !== 'confirmed') ?? 'confirmed',
  )
