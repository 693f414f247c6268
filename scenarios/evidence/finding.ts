import { z } from 'zod'
import { HistoryEvent } from './history.ts'

/** Findings as data: codes, values with units, limits as numbers. `reports/` makes the words. */

export const Verdict = z.enum(['pass', 'fail', 'unknown'])
export type Verdict = z.infer<typeof Verdict>

const Values = z.record(z.string(), z.union([z.string(), z.number()]))
export type Values = z.infer<typeof Values>

const Coded = z.object({ code: z.string(), values: Values })

/** Why a verdict is what it is. `beside`: what may have caused it. */
export const Reason = Coded.extend({ beside: Coded.optional() })
export type Reason = z.infer<typeof Reason>

/** One thing that must not be, with the events that prove it. */
export const Breach = Coded.extend({ witnesses: z.array(HistoryEvent) })

/** What a measure was allowed, and what it was; in the measure's unit. */
export const Limit = z.object({ measure: z.string(), value: z.number(), atMost: z.number() })
export type Limit = z.infer<typeof Limit>

/** A check's finding. `unknown`: nothing to judge, or no way to know; never a pass. */
export const Finding = z.object({
  /** Of the check. */
  name: z.string(),
  /** What must hold. */
  claim: z.string(),
  verdict: Verdict,
  why: Reason.optional(),
  /** The first ones. */
  breaches: z.array(Breach),
  /** How many there were in all. */
  found: z.number(),
  limits: z.array(Limit),
  /** What was judged: a count and a code. Undefined in runs of an older lab. */
  judged: z.object({ count: z.number(), of: z.string() }).optional(),
})
export type Finding = z.infer<typeof Finding>

/** The events that prove a finding's breaches. */
export function witnessesOf({ breaches }: Pick<Finding, 'breaches'>): HistoryEvent[] {
  return breaches.flatMap(breach => breach.witnesses)
}

type Noise = 'noise' | 'sent-late' | 'gap-changed' | 'gap-unknown' | 'gap-long'
type FindingUnknown = Noise | 'nothing-judged' | 'too-few' | 'places-unknown' | 'never-begun'
type ArmEnded = 'not-awaited' | 'own-condition' | 'no-rest' | 'cut-short' | 'error' | 'not-judgeable'
type ArmUnproven = 'setting-differs' | 'fault-unproven'
type ClaimJudged = 'checks-passed' | 'check-failed' | 'check-unknown' | 'no-check'
type ControlJudged = 'broke' | 'not-judged' | 'did-not-break' | 'no-witness' | 'broke-too'
type LoadJudged = 'load-held' | 'limit-broken' | 'limit-unjudged' | 'generator-bound' | 'nothing-measured' | 'part-ended' | 'interrupted'
type OtherEngine = 'counts-differ' | 'k6-crossed' | 'answers-bad' | 'route-silent'
/** Every code of a reason; `reports/` has words for each. */
export type ReasonCode = FindingUnknown | ArmEnded | ArmUnproven | ClaimJudged | ControlJudged | LoadJudged | OtherEngine

export function reason(code: ReasonCode, values: Values = {}, beside?: Reason): Reason {
  return beside === undefined ? { code, values } : { code, values, beside: { code: beside.code, values: beside.values } }
}

type OverLimit = 'over-limit' | 'wait-over-ideal' | 'overtaken-over-ideal' | 'makespan-over-ideal' | 'tail-over-alone'
type Measured = OverLimit | 'outside-band' | 'unfair-share' | 'neighbours-waited' | 'slots-idle' | 'passed-by'
type Seen = 'not-shown' | 'shown-late' | 'shown-twice' | 'never-sent' | 'wrong-addressee' | 'out-of-order' | 'gap'
type Stored = 'place-shared' | 'hole' | 'no-row-there' | 'other-row-there' | 'no-task-row'
type TaskEnd =
  | 'ended-twice'
  | 'end-unseen'
  | 'end-seen-early'
  | 'other-end-seen'
  | 'no-answer'
  | 'only-apology'
  | 'answer-unseen'
  | 'error-seen'
type DeadLetter = 'dead-without-row' | 'dead-yet-open' | 'failed-not-dead' | 'dead-often' | 'poison-seen'
type Inferred = 'attempts-differ' | 'too-many-inferences' | 'neighbour-inferences' | 'inferred-again' | 'not-taken-over' | 'taken-over-late'
type Queued = 'queued-nowhere' | 'still-ready' | 'still-open' | 'slots-exceeded' | 'prefetch-exceeded' | 'began-early'
type Asked = 'not-told' | 'told-wrongly' | 'answers-swapped' | 'nobody-served'
type Answer = 'text-taken-back' | 'not-streamed' | 'text-differs' | 'tokens-differ' | 'cap-unknown' | 'cap-differs'
type Fate = 'other-outcome' | 'kill-unproven'
type Routed = 'not-received' | 'received-by-others' | 'received-often' | 'matched-otherwise'
type Slo = 'served-late' | 'served-never'
type Told = 'sentence-holds' | 'sentence-fails'
type Money = 'overspent' | 'balance-differs' | 'share-lost'
type SickGpu = 'sick-tried' | 'charged-often' | 'not-back'
/** Of `worker-contract`. */
export type OwnWorkerCode =
  | 'task-unanswered'
  | 'answer-unreadable'
  | 'acked-automatically'
  | 'acked-unanswered'
  | 'acked-early'
  | 'acked-unconfirmed'
  | 'held-too-many'
  | 'settled-elsewhere'
  | 'settled-twice'
  | 'poison-acked'
  | 'poison-nacked'
  | 'poison-lives'
  | 'not-reconnected'
  | 'ended-without-way'
  | 'ended-late'
  | 'heartbeat-off'
  | 'heartbeat-missed'
/** Every code of a breach; `reports/` has words for each. */
export type BreachCode =
  | Measured
  | Seen
  | Stored
  | TaskEnd
  | DeadLetter
  | Inferred
  | Queued
  | Asked
  | Answer
  | Fate
  | Routed
  | Slo
  | Told
  | Money
  | SickGpu
  | OwnWorkerCode
