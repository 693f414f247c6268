import { heldLonger, type Prediction } from '#predictor'
import type { Described } from '../../scenarios/predictor/described.ts'

/** What workers hold, against the broker's patience. Pure. */
export interface Held {
  timeoutMs: number
  maxMs: number
  /** Past it. */
  tooLong: readonly { worker: string; tasks: number }[]
}

export function heldOf({ consumerTimeoutMs }: Described, { schedule, figures }: Pick<Prediction, 'schedule' | 'figures'>): Held {
  return { timeoutMs: consumerTimeoutMs, maxMs: figures.heldMaxMs, tooLong: heldLonger(schedule, consumerTimeoutMs) }
}
