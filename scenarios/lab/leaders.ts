import { brokersOf } from './brokers.ts'
import { LabError } from './errors.ts'

import { leadersOf } from './runtime/rabbitmq-cluster.ts'
import type { Runtime } from './runtime/types.ts'

/** Of each queue the part that leads it, as a node says that runs.
 *  @throws PART_NOT_READY where none runs */
export async function leadersIn(runtime: Runtime): Promise<Map<string, string>> {
  const states = new Map((await runtime.status()).map(({ name, state }) => [name, state]))
  const asked = brokersOf(runtime.plan).find(name => states.get(name) === 'ready')
  if (asked === undefined) throw new LabError('PART_NOT_READY', 'no node of the broker is ready.\nSee: npm run lab:status')
  const leaders = await leadersOf(expression => runtime.rabbitmqctl(asked, ['eval', expression]))
  return new Map(
    leaders.flatMap(({ space, queue, node }) => {
      const part = runtime.brokerOf(node)
      return space !== runtime.space || part === undefined ? [] : [[queue, part] as const]
    }),
  )
}
