import { eventsOf, type History } from '../history.ts'
import { answeredSends } from '../sends.ts'
import { check, type Look } from '../verdict.ts'

/** How long senders are without an answer while a part of the system is lost. */

/** Measured from the sending of each message and prompt, retries of the client included.
 *  @param limitMs of the wall */
export function storedWithin(limitMs: number) {
  return check(
    'stored-within',
    `Each message and prompt is stored within ${limitMs / 1_000} s, whatever was lost meanwhile.`,
    history => stored(history, limitMs),
    { timed: true },
  )
}

/** As `stored-within`, where a part is lost by its silence alone.
 *  @param limitMs of the wall */
export function storedAfterSilence(limitMs: number) {
  return check(
    'stored-after-silence',
    `Each message and prompt is stored within ${limitMs / 1_000} s, though a lost part must first be missed.`,
    history => stored(history, limitMs),
    { timed: true },
  )
}

function stored(history: History, limitMs: number): Look {
  const answered = answeredSends(history)
  const longest = answered.reduce((most, each) => (each.outcomeMs > most.outcomeMs ? each : most), answered[0]!)
  if (answered.length === 0) return { judged: 0, of: 'sends' }
  const limit = { measure: 'untilStoredMaxMs', value: longest.outcomeMs, atMost: limitMs }
  return { judged: answered.length, of: 'sends', limit: { ...limit, witnesses: [longest.send, longest.outcome] } }
}

/** Refused is an answer, silence is not. Measured to the first word of any kind.
 *  @param limitMs of the wall */
export function toldWithin(limitMs: number) {
  return check(
    'told-within',
    `Each sender hears within ${limitMs / 1_000} s that it is stored, refused, or to be tried again: never silence.`,
    history => {
      const answered = answeredSends(history)
      const silent = answered.reduce((most, each) => (each.toldMs > most.toldMs ? each : most), answered[0]!)
      if (answered.length === 0 || eventsOf(history, 'fault').length === 0) return { judged: 0, of: 'sends' }
      const limit = { measure: 'untilToldMaxMs', value: silent.toldMs, atMost: limitMs }
      return { judged: answered.length, of: 'sends', limit: { ...limit, witnesses: [silent.send, silent.outcome] } }
    },
    { timed: true },
  )
}
