import { type Reason, reason } from './finding.ts'
import type { History } from './history.ts'

/** What others did to the machine while an arm ran, and when its times prove nothing. Pure. */

/** CPU of others above which a check that is about time says nothing. Percent of the machine. */
export const FOREIGN_CPU_MAX_PERCENT = 12
/** A louder second is loud; an arm may have a twentieth of them, a short one none. */
const LOUD_PERCENT = 40
const LOUD_SHARE_MAX = 0.05
/** An open loop with a later p99 send is not the planned one: prompts come in bunches. Seen: 16 to
 *  29 ms with 70 % of the machine taken. Milliseconds. */
export const LATE_MAX_MS = 20

/** Others' CPU by second, percent of the machine; `loud` = seconds above LOUD_PERCENT. */
export function foreignCpu(history: Pick<History, 'events'>): { mean: number; worst: number; loud: number; seconds: number } {
  const percent = history.events.flatMap(event => (event.kind === 'noise' ? [event.foreignCpuPercent] : []))
  return {
    mean: percent.reduce((sum, value) => sum + value, 0) / Math.max(1, percent.length),
    worst: Math.max(0, ...percent),
    loud: percent.filter(value => value > LOUD_PERCENT).length,
    seconds: percent.length,
  }
}

/** p99 send delay of the measured part; 0 without planned times. Milliseconds. */
export function lateP99Ms(history: Pick<History, 'events'>): number {
  const fromMs = history.events.findLast(({ kind }) => kind === 'measured')?.atMs ?? Number.NEGATIVE_INFINITY
  const late = history.events
    .flatMap(event => (event.kind === 'send' && event.dueMs !== undefined && event.atMs >= fromMs ? [event.atMs - event.dueMs] : []))
    .sort((a, b) => a - b)
  return Math.max(0, late[Math.ceil(0.99 * late.length) - 1] ?? 0)
}

/** Why times of this arm say nothing; undefined where they do. */
export function tooNoisy(history: Pick<History, 'events'>): Reason | undefined {
  const { mean, worst, loud, seconds } = foreignCpu(history)
  if (mean > FOREIGN_CPU_MAX_PERCENT || loud > LOUD_SHARE_MAX * seconds) return noise(mean, worst)
  const lateMs = lateP99Ms(history)
  return lateMs > LATE_MAX_MS ? reason('sent-late', { sentLateP99Ms: lateMs, limitMs: LATE_MAX_MS }) : undefined
}

/** @param meanPercent of the machine, used by others; so is `worstPercent`, in one second */
export const noise = (meanPercent: number, worstPercent: number) => reason('noise', { meanPercent, worstPercent })
