import { nearestRank } from '#predictor'
import { type Advice, situationOf } from './advice.ts'
import { type Batch, type Outcome, outcomeOf, p95WaitOf, pairedDifference } from './estimate.ts'
import { fleetPerSecond, meanServiceMs, type Question } from './question.ts'
import type { Setting, Situation, Trials, Users } from './trial.ts'

/** What a change would bring, tried on the questions of the advice. Pure. */

export type Change =
  /** One more GPU of a kind, or one less. */
  | { kind: 'gpu'; of: number; more: 1 | -1 }
  /** The fast ones are served first. */
  | { kind: 'priority'; first: number }
  /** The slow ones take only while this many wait. */
  | { kind: 'threshold'; slow: number; backlogMin: number }
  /** Of one crowd's questions two at a time; the waits are those of the others. */
  | { kind: 'fair'; crowd: number; every: number; atOnce: number }
  /** One question of a conversation at a time. */
  | { kind: 'order'; inARow: number }

export interface Changed {
  change: Change
  /** Without it, in the same situation. */
  before: Outcome
  after: Outcome
  /** The intervals of both differences, wait and answer, hold no change. */
  same: boolean
}

const BATCHES = 4
const THRESHOLDS = [2, 3, 5]
const CROWD = { every: 500, size: 50 } as const
const USER_TASKS_AT_ONCE = 2
const ROW = 2

interface Options {
  question: Question
  trials: Trials
  best: Setting
}

export function furtherOf({ question, trials, best }: Options): Changed[] {
  const here = situationOf(question)
  const { kinds, fleet } = question
  const serviceMs = meanServiceMs(question)
  const base = trials.batches(here, best, 0, BATCHES)
  const changed = (change: Change, situation: Situation, setting: Setting, before: readonly Batch[] = base): Changed =>
    compared(change, before, trials.batches(situation, setting, 0, BATCHES), question.sloMs)
  const kindOf = (worker: number) => fleet[worker]!
  const used = kinds.map((_, kind) => kind).filter(kind => fleet.includes(kind))
  const [fast, slow] = [
    used.toSorted((a, b) => serviceMs[a]! - serviceMs[b]!)[0]!,
    used.toSorted((a, b) => serviceMs[b]! - serviceMs[a]!)[0]!,
  ]
  const perKind = (prefetch: readonly number[], kind: number) => prefetch[fleet.indexOf(kind)]!

  const gpus = used.flatMap(kind => {
    const more = { fleet: [...fleet, kind] }
    const rows = [
      changed({ kind: 'gpu', of: kind, more: 1 }, { ...here, ...more }, { prefetch: [...best.prefetch, perKind(best.prefetch, kind)] }),
    ]
    const without = fleet.lastIndexOf(kind)
    const less = fleet.toSpliced(without, 1)
    // Too few for what arrives: left out.
    if (less.length === 0 || fleetPerSecond(question, less) <= (here.perSecond ?? 0)) return rows
    return [
      ...rows,
      changed({ kind: 'gpu', of: kind, more: -1 }, { ...here, fleet: less }, { prefetch: best.prefetch.toSpliced(without, 1) }),
    ]
  })
  const unequal =
    fast === slow
      ? []
      : [
          changed({ kind: 'priority', first: fast }, here, { ...best, priority: fleet.map(kind => (kind === fast ? 10 : 0)) }),
          THRESHOLDS.map(backlogMin =>
            changed({ kind: 'threshold', slow, backlogMin }, here, {
              ...best,
              backlogMin: fleet.map((_, i) => (kindOf(i) === slow ? backlogMin : 0)),
            }),
          ).reduce((least, one) => (one.after.answerMs.p95.value < least.after.answerMs.p95.value ? one : least)),
        ]
  if (here.perSecond === undefined) return [...gpus, ...unequal]
  const beside = (users: Users, change: Change, userTasksAtOnce: number) =>
    changed(change, { ...here, users }, { ...best, userTasksAtOnce }, trials.batches({ ...here, users }, best, 0, BATCHES))
  return [
    ...gpus,
    ...unequal,
    beside(
      { kind: 'crowd', ...CROWD },
      { kind: 'fair', crowd: CROWD.size, every: CROWD.every, atOnce: USER_TASKS_AT_ONCE },
      USER_TASKS_AT_ONCE,
    ),
    beside({ kind: 'rows', size: ROW }, { kind: 'order', inARow: ROW }, 1),
  ]
}

function compared(change: Change, before: readonly Batch[], after: readonly Batch[], sloMs: number): Changed {
  const p95 = (batches: readonly Batch[], of: 'waitMs' | 'answerMs') => batches.map(batch => nearestRank(batch[of], 0.95))
  const same = (['waitMs', 'answerMs'] as const).every(of => {
    const { low, high } = pairedDifference(p95(before, of), p95(after, of))
    return low <= 0 && high >= 0
  })
  return { change, before: outcomeOf(before, sloMs), after: outcomeOf(after, sloMs), same }
}

/** The p95 wait of each setting at a load, or with a link. */
export interface Point {
  /** Share of the capacity, or round trip in milliseconds. */
  at: number
  perSecond: number
  /** In the order of the settings; null: overloaded with that link. */
  p95WaitMs: (number | null)[]
}

const LOADS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
const RTTS_MS = [0, 20, 50, 100, 200, 400]
const CURVE_BATCHES = 2

/** @param settings slots, one more, today's */
export function loadCurve({ question, trials }: Omit<Options, 'best'>, settings: readonly Setting[]): Point[] {
  const capacity = fleetPerSecond(question)
  return LOADS.map(at => {
    const situation = { ...situationOf(question), perSecond: at * capacity }
    return { at, perSecond: at * capacity, p95WaitMs: settings.map(setting => p95Of(trials, situation, setting)) }
  })
}

export function linkCurve({ question, trials }: Omit<Options, 'best'>, settings: readonly Setting[]): Point[] {
  const perSecond = situationOf(question).perSecond ?? 0
  const rtts = [...new Set([...RTTS_MS, question.link.rttMs])].sort((a, b) => a - b)
  return rtts.map(rttMs => {
    const link = { ...question.link, rttMs }
    const full = fleetPerSecond({ ...question, link }) <= perSecond
    const situation = { ...situationOf(question), link }
    return { at: rttMs, perSecond, p95WaitMs: settings.map(setting => (full ? null : p95Of(trials, situation, setting))) }
  })
}

function p95Of(trials: Trials, situation: Situation, setting: Setting): number {
  return p95WaitOf(trials.batches(situation, setting, 0, CURVE_BATCHES)).value
}

/** What `advise` answers beyond the setting. */
export interface Beyond {
  changes: Changed[]
  /** Slots, one more, today's; the link's curve has the first two. */
  settings: Setting[]
  /** Empty: a burst. */
  loads: Point[]
  links: Point[]
}

export function beyondOf(question: Question, { ranking, best }: Advice, trials: Trials): Beyond {
  const slots = question.fleet.map(kind => question.kinds[kind]!.slots)
  const settings: Setting[] = [{ prefetch: slots }, { prefetch: slots.map(one => one + 1) }, { prefetch: question.today }]
  const isBurst = question.arrivals.kind === 'burst'
  const options = { question, trials, best }
  return {
    changes: ranking === undefined ? [] : furtherOf(options),
    settings,
    loads: isBurst ? [] : loadCurve(options, settings),
    links: isBurst || ranking === undefined ? [] : linkCurve(options, settings.slice(0, 2)),
  }
}
