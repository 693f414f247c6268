import type { BrokerGeneration, LabPlan } from '../plan.ts'
import type { BrokerAccess } from './address.ts'
import type { BrokerSeen } from './look.ts'

/** The broker that a command asks for: a generation of RabbitMQ, or one that already runs. */
export interface AskedBroker {
  generation?: BrokerGeneration
  own?: BrokerAccess
  /** What a look at it showed. */
  seen?: BrokerSeen
}

/** Of a plan: all but the password. */
export function plannedBroker({ generation, own }: AskedBroker): Pick<LabPlan, 'broker' | 'ownBroker'> {
  if (own === undefined) return generation === undefined ? {} : { broker: generation }
  const { password: _, ...shown } = own
  return { ownBroker: shown }
}
