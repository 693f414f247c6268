import { shellWord } from '#evidence/typed'
import { spoken } from '../demo/text.ts'
import { counted, figure } from '../words.ts'
import type { Lines } from './fixes.ts'

/** Pieces of the sentences about findings. Pure. */

export interface Words {
  says: string
  means: string
  fix: Lines | string
  /** Below https://www.rabbitmq.com/docs/, or a whole address. */
  see: string
}

export type Values = Record<string, number | string | boolean | undefined>
/** From what was seen to the words. */
export type Say = (seen: Values) => Words

export const ms = (value: unknown) => spoken(Number(value))
export const mib = (value: unknown) => `${figure(Math.round(Number(value) / 2 ** 20))} MiB`
export const rate = (value: unknown) => `${figure(Math.round(10 * Number(value ?? 0)) / 10)} a second`
export const tasks = (value: unknown) => counted(Number(value ?? 0), 'message')

/** Buffer for a tenth of a second: of what takes seconds, one. */
export const prefetchFor = ({ acksPerSecond }: Values) => Math.max(1, Math.round(Number(acksPerSecond ?? 0) / 10))

export const policy = (queue: unknown, definition: Record<string, unknown>) =>
  `rabbitmqctl set_policy NAME ${shellWord(`^${String(queue)}$`)} '${JSON.stringify(definition)}' --apply-to queues`

export const holds = ({ held, hiddenWaitMs, hiddenWaitLowMs, hiddenWaitHighMs }: Values) => {
  if (held === undefined) return 'what it holds is not shown'
  if (hiddenWaitMs === undefined) return `holds ${tasks(held)}`
  const few = hiddenWaitLowMs === undefined ? '' : ` (few acks so far: ${ms(hiddenWaitLowMs)} to ${ms(hiddenWaitHighMs)})`
  return `holds ${tasks(held)}, about ${ms(hiddenWaitMs)} of hidden wait${few}`
}
