import { type BreachCode, type Finding, type Limit, type Reason, reason, type Values, type Verdict } from './finding.ts'
import { eventsOf, type History, type HistoryEvent } from './history.ts'
import { tooNoisy } from './noise.ts'

/** A pure, near-linear judge of a history. */
export interface Check {
  name: string
  /** What must hold, as a sentence. */
  claim: string
  /** What its breaches do not prove. Default: always proof. */
  kind?: CheckKind
  judge(history: History): Finding
}

export const WITNESSES_MAX = 10

/** A breach as a check finds it. */
export interface Found {
  code: BreachCode
  values: Values
  witnesses: HistoryEvent[]
}

export function breach(code: BreachCode, values: Values, ...witnesses: HistoryEvent[]): Found {
  return { code, values, witnesses }
}

export interface Look {
  /** How many things were judged; 0 = unknown. */
  judged: number
  /** What they are: a code, `accepted-messages`. */
  of: string
  breaches?: Found[]
  /** A measure that has a limit; above it that is a breach. */
  limit?: Limit & { witnesses: HistoryEvent[]; code?: BreachCode; values?: Values }
  /** Why it cannot be known although nothing was found. */
  unsure?: Reason | undefined
  /** Why its breaches prove nothing here. */
  doubt?: Reason | undefined
}

export interface CheckKind {
  /** It judges the end: without rest a breach is not proof. Default false. */
  needsRest?: boolean
  /** It judges durations: on a busy machine a breach is not proof. Default false. */
  timed?: boolean
}

/** Builds a check from a function that returns what it judged and the breaches that it found. */
export function check(name: string, claim: string, look: (history: History) => Look, kind: CheckKind = {}): Check {
  return {
    name,
    claim,
    kind,
    judge(history) {
      const { judged, of, breaches = [], limit, unsure, doubt: own } = look(history)
      const found = [...overLimit(limit), ...breaches]
      const finding = (verdict: Verdict, why?: Reason): Finding => ({
        name,
        claim,
        verdict,
        ...(why === undefined ? {} : { why }),
        breaches: firstOf(found),
        found: found.length,
        limits: limit === undefined ? [] : [{ measure: limit.measure, value: limit.value, atMost: limit.atMost }],
        judged: { count: judged, of },
      })
      if (found.length > 0) {
        const doubt =
          (kind.needsRest && endOf(history) !== undefined ? unrest(history) : undefined) ??
          (kind.timed ? tooNoisy(history) : undefined) ??
          own
        return doubt === undefined ? finding('fail') : finding('unknown', doubt)
      }
      if (judged === 0) return finding('unknown', reason('nothing-judged'))
      return unsure === undefined ? finding('pass') : finding('unknown', unsure)
    },
  }
}

function overLimit(limit: Look['limit']): Found[] {
  if (limit === undefined || limit.value <= limit.atMost) return []
  const { measure, value, atMost, witnesses, values, code = 'over-limit' } = limit
  return [breach(code, { ...values, measure, value, atMost }, ...witnesses)]
}

/** The first breaches, with at most `WITNESSES_MAX` witnesses in all. */
function firstOf(found: readonly Found[]): Found[] {
  let room = WITNESSES_MAX
  return found.slice(0, WITNESSES_MAX).map(each => {
    const witnesses = each.witnesses.slice(0, room)
    room -= witnesses.length
    return { ...each, witnesses }
  })
}

/** Why an arm ended, and the last that was seen of it. */
export function endOf(history: History) {
  return eventsOf(history, 'rest').at(-1)
}

/** Why the end may still come; undefined once idle. `beside`: the machine was busy. */
export function unrest(history: History): Reason | undefined {
  const end = endOf(history)
  if (end === undefined) return reason('not-awaited')
  const { ended, lastSeen } = end
  if (ended === 'rest') return undefined
  if (ended === 'own-condition' || ended === 'error') return reason(ended, { lastSeen })
  return reason(ended === 'cut-short' ? 'cut-short' : 'no-rest', { lastSeen }, tooNoisy(history))
}
