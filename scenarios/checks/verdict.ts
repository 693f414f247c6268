import type { History, HistoryEvent } from './history.ts'

export type Verdict = 'pass' | 'fail' | 'unknown'

/** What a check says of a history. `unknown`: there was nothing to judge, or the outcome cannot be known; it is not pass. */
export interface Finding {
  check: string
  verdict: Verdict
  /** One sentence with figures: how many were judged, what was found. */
  detail: string
  /** The events that prove a failure; at most `WITNESSES_MAX` of them. */
  witnesses: HistoryEvent[]
}

/** A pure, near-linear judge of a history. */
export interface Check {
  name: string
  /** What must hold, as a sentence. */
  claim: string
  judge(history: History): Finding
}

export const WITNESSES_MAX = 10

/** Builds a check from a function that returns what it judged and the breaches that it found. */
export function check(
  name: string,
  claim: string,
  look: (history: History) => { judged: number; of: string; breaches: { what: string; witnesses: HistoryEvent[] }[]; unsure?: string },
): Check {
  return {
    name,
    claim,
    judge(history) {
      const { judged, of, breaches, unsure } = look(history)
      const [first] = breaches
      if (first !== undefined) {
        const more = breaches.length > 1 ? ` (and ${breaches.length - 1} more)` : ''
        return {
          check: name,
          verdict: 'fail',
          detail: `${first.what}${more}; ${judged} ${of} judged`,
          witnesses: breaches.flatMap(b => b.witnesses).slice(0, WITNESSES_MAX),
        }
      }
      if (judged === 0) return { check: name, verdict: 'unknown', detail: `no ${of} to judge`, witnesses: [] }
      if (unsure !== undefined) return { check: name, verdict: 'unknown', detail: `${unsure}; ${judged} ${of} judged`, witnesses: [] }
      return { check: name, verdict: 'pass', detail: `${judged} ${of} judged`, witnesses: [] }
    },
  }
}
