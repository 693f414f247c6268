import { SWEPT_PREFETCHES, TIE_PERCENT } from '../described.ts'
import { arrivingPerSecond, fleetPerSecond, meanServiceMs, meanTokens, type Question } from './question.ts'
import { type Ranked, type Ranking, ranked } from './rank.ts'
import { type Setting, type Situation, Trials } from './trial.ts'

/** The answer to a question, as data: its words stand in reports/advise. Pure. */

export interface Advice {
  /** What arrives and what the workers can do. Tasks per second. */
  load: Load
  /** Mean time of a task on each kind, alone. Milliseconds. */
  serviceMs: number[]
  tokens: { prompt: number; answer: number }
  /** Where the settings were compared; undefined: overloaded, no setting helps. */
  ranking: Ranking | undefined
  /** Of a burst: the same settings while tasks keep coming. A burst alone chooses none. */
  steady: Steady | undefined
  best: Setting
  /** In `ranking`. */
  bestRow: Ranked | undefined
  todayRow: Ranked | undefined
}

export interface Load {
  capacityPerSecond: number
  /** undefined: a burst. */
  perSecond: number | undefined
  /** Arrivals over capacity. */
  share: number | undefined
}

export interface Steady {
  share: number
  ranking: Ranking
}

/** At which a burst's settings are tried with arrivals that go on. */
const STEADY_SHARE = 0.8
/** Of the fastest worker's mean task: a difference that nobody notices. */
const UNNOTICED_TASKS = 0.05
/** A setting's waits grow without end from here on. */
const FULL = 0.999

export function adviceOf(question: Question, trials = new Trials(question)): Advice {
  const load = loadOf(question)
  const serviceMs = meanServiceMs(question)
  const facts = { load, serviceMs, tokens: meanTokens(question) }
  const options = { question, unnoticedMs: UNNOTICED_TASKS * Math.min(...serviceMs) }
  const settings = candidates(question)
  const [, today] = settings as [Setting, Setting]
  const slots = settings[0]!
  if (load.share !== undefined && load.share >= FULL)
    return { ...facts, ranking: undefined, steady: undefined, best: slots, bestRow: undefined, todayRow: undefined }
  const ranking = ranked(trials, situationOf(question), settings, options)
  const steady = load.perSecond === undefined ? steadyOf(question, trials, settings, options) : undefined
  const bestRow = steady === undefined ? ranking.best : bestOfBoth(ranking, steady.ranking)
  return { ...facts, ranking, steady, best: bestRow.setting, bestRow, todayRow: ranking.rows.find(row => row.setting === today) }
}

export function loadOf(question: Question): Load {
  const capacityPerSecond = fleetPerSecond(question)
  const perSecond = arrivingPerSecond(question)
  return { capacityPerSecond, perSecond, share: perSecond === undefined ? undefined : perSecond / capacityPerSecond }
}

export function situationOf(question: Question): Situation {
  return { fleet: question.fleet, perSecond: arrivingPerSecond(question), link: question.link }
}

/** Prefetch = slots first, then today's, then the rest, each once. */
export function candidates({ kinds, fleet, today }: Pick<Question, 'kinds' | 'fleet' | 'today'>): Setting[] {
  const slots = fleet.map(kind => kinds[kind]!.slots)
  const oneMore = (of: (kind: number) => boolean) => fleet.map((kind, i) => slots[i]! + (of(kind) ? 1 : 0))
  const lists = [
    slots,
    [...today],
    oneMore(() => true),
    // Room for one more at a single kind, where it may pay.
    ...(kinds.length > 1 ? kinds.map((_, kind) => oneMore(own => own === kind)) : []),
    ...SWEPT_PREFETCHES.map(prefetch => fleet.map(() => prefetch)),
  ]
  const seen = new Map(lists.map(prefetch => [prefetch.join(','), prefetch]))
  // A map keeps the place of the first; today's stays second even where it equals the slots.
  const rest = [...seen.values()].filter(prefetch => ![slots.join(','), today.join(',')].includes(prefetch.join(',')))
  const [first, second] = [{ prefetch: slots }, { prefetch: [...today] }]
  return [first, slots.join(',') === today.join(',') ? first : second, ...rest.map(prefetch => ({ prefetch }))]
}

function steadyOf(
  question: Question,
  trials: Trials,
  settings: readonly Setting[],
  options: { question: Question; unnoticedMs: number },
): Steady {
  const perSecond = STEADY_SHARE * fleetPerSecond(question)
  const going: Question = { ...question, arrivals: { kind: 'poisson', perSecond } }
  const own = new Trials(going)
  const ranking = ranked(own, { ...situationOf(question), perSecond }, settings, { ...options, question: going })
  trials.tasks += own.tasks
  return { share: STEADY_SHARE, ranking }
}

/** The least of what each is worse by, in the worse of both. */
function bestOfBoth(burst: Ranking, steady: Ranking): Ranked {
  const worse = (i: number) => Math.max(burst.rows[i]!.ratio, steady.rows[i]!.ratio)
  const indices = burst.rows.map((_, i) => i)
  return burst.rows[indices.reduce((best, i) => (worse(i) * (1 + TIE_PERCENT / 100) < worse(best) ? i : best))]!
}
