import { DEFAULT_PLAN, settingsOf } from '../lab/plan.ts'
import { planOf } from './arm-plan.ts'
import type { Scenario } from './definition.ts'

/** What a scenario does to the broker itself, which only the lab's own may suffer. */
export type BrokerNeed = 'BROKER_RESTART' | 'CONSUMER_TIMEOUT' | 'USERS_WORKER'

/** undefined: it runs on any broker. Pure. */
export function brokerNeed(one: Scenario): BrokerNeed | undefined {
  if (one.restartsBroker === true) return 'BROKER_RESTART'
  // It would need the prefix of our names, and trust in the authority.
  if (one.takes === 'command') return 'USERS_WORKER'
  const usual = settingsOf(DEFAULT_PLAN, 'rabbitmq').consumerTimeoutMs
  const timeouts = [...one.arms, ...one.controls].map(arm => {
    const plan = { ...DEFAULT_PLAN, ...planOf(one, arm, { ...one.sizes.quick, ...arm.with }, 1, undefined) }
    return settingsOf(plan, 'rabbitmq').consumerTimeoutMs
  })
  return timeouts.every(timeoutMs => timeoutMs === usual) ? undefined : 'CONSUMER_TIMEOUT'
}
