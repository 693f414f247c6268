import { FanoutEvent } from '#contracts/events'
import { OutsideAnswer } from '#contracts/tasks'
import { ANSWER_QUEUE, FANOUT_EXCHANGE } from '#contracts/topology'

/** The task that a published message answers: in the agreed form, or as our own worker does. */
export function answeredTask(exchange: string, key: string, body: Buffer): string | undefined {
  if (exchange === '' && key === ANSWER_QUEUE) return read(body, OutsideAnswer)?.task
  if (exchange !== FANOUT_EXCHANGE) return undefined
  const frames = read(body, FanoutEvent)?.deliveries.map(({ frame }) => frame)
  return frames?.flatMap(frame => (frame.type === 'message' && frame.answered === true ? [frame.task] : []))[0]
}

function read<T>(body: Buffer, { parse }: { parse(given: unknown): T }): T | undefined {
  try {
    return parse(JSON.parse(body.toString('utf8')))
  } catch {
    return undefined
  }
}
