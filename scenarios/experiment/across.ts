import { BROKER_GENERATIONS, type BrokerGeneration } from '../lab/plan.ts'
import type { Arm, Scenario } from './definition.ts'

/** A scenario on several generations of RabbitMQ in one run: each of its arms on each of them.
 *  @param generations default: all */
export function across(one: Scenario, generations: readonly BrokerGeneration[] = BROKER_GENERATIONS): Scenario {
  const on = <A extends Arm<object>>(arms: readonly A[]) =>
    generations.flatMap(broker =>
      arms.map(arm => ({ ...arm, broker, name: arms === one.arms && arms.length === 1 ? broker : `${broker}, ${arm.name}` })),
    )
  return {
    ...one,
    typed: `${one.name} --matrix`,
    arms: on(one.arms),
    // The newest first: it runs already, and each other start of a broker takes seconds.
    controls: on(one.controls).sort((a, b) => generations.indexOf(b.broker) - generations.indexOf(a.broker)),
  }
}
