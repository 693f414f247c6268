import { KEDA_DEFAULTS, replicasFor, type Scaler } from '#evidence/autoscaler'
import type { Scaled } from './model/autoscaler.ts'
import { duration } from './predict/text.ts'
import { counted } from './words.ts'

/** Words for what an autoscaler sees. Pure. */

/** What is compared, by which rule. */
export function scalerIntro(scaler: Scaler): string {
  const own = scaler.value === KEDA_DEFAULTS.value && scaler.pollingMs === KEDA_DEFAULTS.pollingMs
  const every = duration(scaler.pollingMs).replace('.0 ', ' ')
  return `What KEDA's RabbitMQ scaler would have asked for, with ${scaler.value} messages a replica and a look every ${every}${own ? ', its defaults' : ''}. Over amqp it counts the messages that are ready; over http also those that workers hold unacked. A new replica can take only what is ready.`
}

export const SCALED_HEAD = ['arm', 'workers', 'waiting, most', 'asked over amqp, most', 'asked over http, most', 'ready of these messages']

export function scaledRow(letter: string, { workers, waitingMost, amqpMost, httpMost }: Scaled): string[] {
  const { http, ready, unacked } = httpMost
  return [letter, String(workers), String(waitingMost), String(amqpMost), String(http), `${ready} of ${ready + unacked}`]
}

/** Of counts at one moment or in the mean: `0 replicas over amqp (0 ready), 5 over http (81)`. */
export function askedWords(ready: number, unacked: number, scaler: Scaler = KEDA_DEFAULTS): string {
  const [amqp, http] = [replicasFor(ready, scaler), replicasFor(ready + unacked, scaler)]
  return `${counted(amqp, 'replica')} over amqp (ready alone) and ${http} over http (ready and unacked)`
}
