import type { ChatClient, ChatOptions } from '#client'
import { answerDirective } from '#contracts/gpu-timing'
import type { Lab } from '#lab'

/** Many people who ask a lab's robot, each at their time. */

/** Before the clock starts: fresh processes answer their first questions at a tenth of their speed, which at a high time scale would be all that is measured. */
const WARM_UP_ROUNDS = 10
const WARM_UP_ASKERS = 4

/** So many connected people, spread over all IM nodes, before a lab that is warm. */
export async function connectAskers(lab: Lab, count: number, options: Pick<ChatOptions, 'signal' | 'on'>): Promise<ChatClient[]> {
  const { imNodes } = lab.plan
  const askers = await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const nodes = [...imNodes.slice(i % imNodes.length), ...imNodes.slice(0, i % imNodes.length)]
      return lab.client(`asker-${i}`, { nodes, ...options })
    }),
  )
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1)
    await Promise.all(askers.slice(0, WARM_UP_ASKERS).map(asker => asker.ask(`warm-up ${answerDirective(1)}`)))
  return askers
}
