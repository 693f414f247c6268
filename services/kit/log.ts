import { type Logger, pino } from 'pino'

export type Log = Logger

/** JSON lines on stdout. Bodies, prompts, answers and tokens are never logged; ids are. */
export function createLog(part: string): Log {
  // Synchronous: the last words of a part that crashes must not be lost.
  const destination = pino.destination({ dest: 1, sync: true })
  // A reader that went away (a closed pipe) must not take the part with it.
  destination.on('error', () => undefined)
  return pino({ base: { part }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } }, destination)
}
