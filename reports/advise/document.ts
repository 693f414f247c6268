import type { Answer } from '../../scenarios/predictor/advise/answer.ts'
import type { Question } from '../../scenarios/predictor/advise/question.ts'
import type { Ranked, Ranking } from '../../scenarios/predictor/advise/rank.ts'
import { assumptionsOf, unknownsOf, warningsOf } from './notes.ts'
import { setLines } from './words.ts'

/** What `advise --json` prints. Keys are stable; more may be added. */

const SCHEMA_VERSION = 1

export function adviceDocument(question: Question, { advice, beyond, capacity }: Answer, command: string) {
  const { load, ranking, steady, best, serviceMs, tokens } = advice
  const { kinds, fleet, arrivals, today, sizes, model, link, sloMs, seed } = question
  return {
    schemaVersion: SCHEMA_VERSION,
    verdict: ranking === undefined ? 'overloaded' : 'advice',
    best: { prefetch: best.prefetch, by: 'waitMs.p95' },
    set: setLines(best, question),
    ...load,
    /** null where the workers are overloaded. */
    settings: ranking === undefined ? null : rowsOf(ranking),
    precise: ranking?.precise ?? null,
    /** Of a burst: the same settings with arrivals that go on. */
    steady: steady === undefined ? null : { load: steady.share, settings: rowsOf(steady.ranking) },
    changes: beyond.changes,
    /** Settings of the two curves: slots, one more, today's. */
    curves: { settings: beyond.settings, loads: beyond.loads, links: beyond.links },
    capacity,
    warnings: warningsOf(question, advice),
    assumptions: assumptionsOf(question, advice),
    unknown: unknownsOf(question),
    inputs: {
      workers: fleet.map(kind => ({ name: kinds[kind]!.name, slots: kinds[kind]!.slots, serviceMs: serviceMs[kind]! })),
      arrivals: arrivals.kind === 'trace' ? { kind: 'trace', rows: arrivals.rows.length, load: arrivals.load ?? null } : arrivals,
      tokens,
      sizes: sizes.varied ? 'varied' : 'alike',
      model,
      ...link,
      sloMs,
      todayPrefetch: today,
      seed,
    },
    command,
  }
}

const rowsOf = ({ rows }: Ranking) => rows.map(({ setting, outcome, ratio }: Ranked) => ({ ...setting, ...outcome, overBest: ratio }))
