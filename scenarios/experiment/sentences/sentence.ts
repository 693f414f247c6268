import type { BrokerGeneration } from '../../lab/plan.ts'
import type { Try } from '../desk.ts'

/** A sentence that one reads about work queues, as something that can be tried. */
export interface Sentence {
  id: string
  /** As people say it. */
  says: string
  /** What to do, or to know, instead. */
  instead: string
  /** Does what the sentence promises; `holds` = it came so. */
  believed: Try
  /** Does it the right way: this keeps the promise, so a try can end both ways. */
  right: Try
  /** It stops the broker: it is left out on one that is not the lab's. */
  restartsBroker?: true
  /** Generations of RabbitMQ on which it does hold. Default: none. */
  heldBy?: readonly BrokerGeneration[]
}
