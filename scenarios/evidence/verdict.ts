import { type Ended, eventsOf, type History, type HistoryEvent } from './history.ts'

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
  /** What its breaches are no proof of. Default: they are always proof. */
  kind?: CheckKind
  judge(history: History): Finding
}

export const WITNESSES_MAX = 10

/** CPU of others above which a check that is about time says nothing. Percent of the machine. */
export const FOREIGN_CPU_MAX_PERCENT = 12
/** A second in which others used more than this is loud; an arm may have a twentieth of them, a short one none. */
const LOUD_PERCENT = 40
const LOUD_SHARE_MAX = 0.05
/** An open loop that sends its latest hundredth later than this is no longer the one that was planned: it is what the fast card takes for a prompt at the
 *  scale of a quick run, so prompts come in bunches. Seen: 16 to 29 ms where others use 70 % of the machine. Milliseconds. */
export const LATE_MAX_MS = 20

interface Look {
  /** How many things were judged; 0 = unknown. */
  judged: number
  of: string
  breaches: { what: string; witnesses: HistoryEvent[] }[]
  /** Why it cannot be known although nothing was found. */
  unsure?: string | undefined
  /** Why its breaches are no proof of this history. */
  doubt?: string | undefined
}

export interface CheckKind {
  /** It judges what must have happened in the end: where the arm never came to rest, a breach is no proof. Default false. */
  needsRest?: boolean
  /** It judges durations: on a machine that others keep busy, a breach is no proof. Default false. */
  timed?: boolean
}

/** Builds a check from a function that returns what it judged and the breaches that it found. */
export function check(name: string, claim: string, look: (history: History) => Look, kind: CheckKind = {}): Check {
  return {
    name,
    claim,
    kind,
    judge(history) {
      const { judged, of, breaches, unsure, doubt: own } = look(history)
      const finding = (verdict: Verdict, detail: string, witnesses: HistoryEvent[] = []): Finding => ({
        check: name,
        verdict,
        detail,
        witnesses: witnesses.slice(0, WITNESSES_MAX),
      })
      const [first] = breaches
      if (first !== undefined) {
        const more = breaches.length > 1 ? ` (and ${breaches.length - 1} more)` : ''
        const found = `${first.what}${more}; ${judged} ${of} judged`
        const doubt =
          (kind.needsRest && endOf(history) !== undefined ? unrest(history) : undefined) ??
          (kind.timed ? tooNoisy(history) : undefined) ??
          own
        if (doubt !== undefined) return finding('unknown', `${doubt}: ${found}`)
        return finding(
          'fail',
          found,
          breaches.flatMap(b => b.witnesses),
        )
      }
      if (judged === 0) return finding('unknown', `no ${of} to judge`)
      if (unsure !== undefined) return finding('unknown', `${unsure}; ${judged} ${of} judged`)
      return finding('pass', `${judged} ${of} judged`)
    },
  }
}

/** Why an arm ended, and the last that was seen of it. Labs of before wrote only whether it came to rest, and said the rest in words. */
export function endOf(history: History): { ended: Ended; lastSeen: string } | undefined {
  const rest = eventsOf(history, 'rest').at(-1)
  if (rest === undefined) return undefined
  const { reached, lastSeen, ended } = rest
  if (ended !== undefined) return { ended, lastSeen }
  if (reached) return { ended: 'rest', lastSeen }
  return { ended: lastSeen.startsWith(OWN_CONDITION) ? 'own-condition' : WAIT_RAN_OUT.test(lastSeen) ? 'cut-short' : 'deadline', lastSeen }
}

/** How the lab tells an arm's own condition. */
export const OWN_CONDITION = 'ended by its own condition'
/** How the lab tells a wait that ran out. */
const WAIT_RAN_OUT = /: not within \d+ ms \(expected /

/** Why what must have happened in the end may still have come; undefined at rest. On a busy machine that may be why, and is told first. */
export function unrest(history: History): string | undefined {
  const end = endOf(history)
  if (end?.ended === 'rest') return undefined
  if (end === undefined) return 'nobody waited until the arm came to rest'
  // What follows the first line is a stack, or the log of a part.
  if (end.ended === 'error') return `the arm ended by an error: ${end.lastSeen.split('\n')[0]}`
  const what = end.ended === 'cut-short' ? 'its script was cut short' : 'the arm never came to rest'
  const noise = end.ended === 'own-condition' ? undefined : tooNoisy(history)
  return `${noise === undefined ? '' : `${noise}, and `}${what} (last seen: ${end.lastSeen})`
}

/** CPU of others while an arm ran, second by second: mean and worst, percent of the machine; `loud` = seconds above LOUD_PERCENT, of `seconds`. */
export function foreignCpu(history: Pick<History, 'events'>): { mean: number; worst: number; loud: number; seconds: number } {
  const percent = history.events.flatMap(event => (event.kind === 'noise' ? [event.foreignCpuPercent] : []))
  return {
    mean: percent.reduce((sum, value) => sum + value, 0) / Math.max(1, percent.length),
    worst: Math.max(0, ...percent),
    loud: percent.filter(value => value > LOUD_PERCENT).length,
    seconds: percent.length,
  }
}

/** How much later than meant an open loop sent what was measured: before that, everybody sends one at the same moment to see whether it arrives. 99th percentile,
 *  0 where nothing was meant. Milliseconds. */
export function lateP99Ms(history: Pick<History, 'events'>): number {
  const fromMs = history.events.findLast(({ kind }) => kind === 'measured')?.atMs ?? Number.NEGATIVE_INFINITY
  const late = history.events
    .flatMap(event => (event.kind === 'send' && event.dueMs !== undefined && event.atMs >= fromMs ? [event.atMs - event.dueMs] : []))
    .sort((a, b) => a - b)
  return Math.max(0, late[Math.ceil(0.99 * late.length) - 1] ?? 0)
}

/** Why times of this arm say nothing; undefined where they do. */
export function tooNoisy(history: History): string | undefined {
  const { mean, worst, loud, seconds } = foreignCpu(history)
  if (mean > FOREIGN_CPU_MAX_PERCENT || loud > LOUD_SHARE_MAX * seconds)
    return `too noisy to tell (others used ${mean.toFixed(0)} % of the machine, ${worst.toFixed(0)} % at worst)`
  const lateMs = lateP99Ms(history)
  return lateMs > LATE_MAX_MS ? `too noisy to tell (one in a hundred was sent ${lateMs.toFixed(0)} ms late or later)` : undefined
}
