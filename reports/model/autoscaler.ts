import { hadBacklog, type Look, looksOf, type Scaler } from '#evidence/autoscaler'
import type { History } from '#evidence/history'
import { askedOf, type Window, windowOf } from './asked.ts'
import { peakOf, type Step, waitingSteps } from './steps.ts'

/** What an autoscaler would have asked for in an arm, beside who waited. Pure. */
export interface Scaled {
  window: Window
  workers: number
  waiting: Step[]
  waitingMost: number
  looks: Look[]
  /** Most replicas over amqp. */
  amqpMost: number
  /** The look at which it asks for most over http. */
  httpMost: Look
}

/** Undefined where nobody had to wait for a worker, or no queue was sampled. */
export function scaledOf(history: History, scaler: Scaler, timeScale: number): Scaled | undefined {
  if (!hadBacklog(history)) return undefined
  const window = windowOf(history)
  const looks = looksOf(history, scaler, timeScale, window)
  const waiting = waitingSteps(askedOf(history, window))
  return {
    ...{ window, workers: history.workers.length, waiting, waitingMost: peakOf(waiting), looks },
    amqpMost: Math.max(...looks.map(({ amqp }) => amqp)),
    httpMost: looks.reduce((most, look) => (look.ready + look.unacked > most.ready + most.unacked ? look : most)),
  }
}
