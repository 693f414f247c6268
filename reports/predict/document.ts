import { shellWord } from '#evidence/typed'
import { makespanMs, orderOf, type Prediction, sharesOf } from '#predictor'
import { type AskedGpus, type Described, ofWorker, TIE_PERCENT } from '../../scenarios/predictor/described.ts'
import { type Load, loadOf } from '../../scenarios/predictor/offered-load.ts'
import type { OtherSeeds } from '../../scenarios/predictor/other-seeds.ts'
import { type Held, heldOf } from './held.ts'
import { assumptionsOf, warningsOf } from './notes.ts'
import type { Sweep } from './sweep.ts'
import { type VerdictName, verdictOf } from './verdict.ts'

/** What `--json` prints. Keys are stable; more may be added. */

const SCHEMA_VERSION = 1

export function predictionDocument(args: Described, prediction: Prediction, otherSeeds?: OtherSeeds) {
  const load = loadOf(args)
  const { name, worst, text } = verdictOf(args, prediction, load)
  return {
    schemaVersion: SCHEMA_VERSION,
    verdict: name,
    /** waitP95, waitMax, makespan or hoarding; null = all within bounds, or overloaded. */
    worst: worst ?? null,
    verdictText: text,
    ...prediction.figures,
    ...idealOf(prediction),
    /** p95 waits of other draws; absent where nothing is drawn. */
    ...(otherSeeds === undefined ? {} : { waitP95OtherSeeds: otherSeeds }),
    ...told(args, load, name, heldOf(args, prediction)),
    inputs: { ...inputs(args), prefetch: args.serviceMs.map((_, worker) => ofWorker(args.prefetchTasks, worker)) },
    command: predictCommand(args, `--prefetch ${args.prefetchTasks.join(',')}`),
  }
}

export function sweepDocument(args: Described, { rows, best, ideal, workers }: Sweep) {
  return {
    schemaVersion: SCHEMA_VERSION,
    best: {
      prefetch: best.prefetch,
      by: 'waitMs.p95',
      tiePercent: TIE_PERCENT,
      verdict: best.verdict.name,
      verdictText: best.verdict.finding,
    },
    sweep: rows.map(({ prefetch, figures: { idealWaitMs: _, ...figures }, verdict }) => ({ prefetch, verdict: verdict.name, ...figures })),
    idealWaitMs: best.figures.idealWaitMs,
    ...idealOf({ ideal, workers }),
    ...told(best.args, loadOf(best.args), best.verdict.name, best.held),
    inputs: { ...inputs(args), prefetch: rows.map(row => row.prefetch) },
    command: predictCommand(args, '--sweep'),
  }
}

function idealOf({ ideal, workers }: Pick<Prediction, 'ideal' | 'workers'>) {
  const { inversions, tau, maxOvertakes } = orderOf(ideal.map(({ endedMs }) => endedMs))
  return { idealMakespanMs: makespanMs(ideal), idealShares: sharesOf(ideal, workers), idealOrder: { inversions, tau, maxOvertakes } }
}

function told(args: Described, load: Load, verdict: VerdictName, held: Held) {
  return {
    capacityPerSecond: load.capacityPerSecond,
    /** null = all tasks are there at once. */
    offeredLoadPercent: load.offered?.percentOfCapacity ?? null,
    warnings: warningsOf(load, held),
    heldTooLong: held.tooLong,
    assumptions: assumptionsOf(args, verdict),
  }
}

function inputs({ tasks, serviceMs, gpus, work, startText, load, slots, priority, backlogMin, gapMs, consumerTimeoutMs, seed }: Described) {
  const each = (list: number[]) => serviceMs.map((_, worker) => ofWorker(list, worker))
  // `handOverMs`: its name in older documents.
  return {
    tasks,
    serviceMs,
    start: startText,
    load: load ?? null,
    // A number where all have the same, as in older documents.
    slots: new Set(slots).size === 1 ? slots[0] : each(slots),
    ...(gpus === undefined ? {} : { gpus: gpus.fleet.map(kind => gpus.kinds[kind]?.name), model: gpus.model, tokens: work?.tokens }),
    priority: each(priority),
    backlogMin: each(backlogMin),
    gapMs,
    handOverMs: gapMs,
    consumerTimeoutMs,
    seed,
  }
}

/** @param isTrace it has its own lengths */
function gpusCommand({ kinds, fleet, model, sizes }: AskedGpus, isTrace: boolean): string {
  const names = fleet.map(kind => kinds[kind]?.name ?? '').join(',')
  const lengths = ` --prompt-tokens ${sizes.promptTokens} --answer-tokens ${sizes.answerTokens}${sizes.varied ? '' : ' --sizes alike'}`
  return `--gpus ${shellWord(names)} --model ${shellWord(model)}${isTrace ? '' : lengths}`
}

/** What to type for the same again. */
export function predictCommand(
  { tasks, serviceMs, gpus, startText, trace, load, slots, priority, backlogMin, gapMs, consumerTimeoutMs, seed }: Described,
  prefetch: string,
): string {
  const isTrace = startText.startsWith('trace:')
  const start = shellWord(startText)
  const stretched = load === undefined ? '' : ` --load ${load}`
  const how = Object.entries(trace).map(([option, text]) => ` --${option === 'longPrompts' ? 'long-prompts' : option} ${shellWord(text)}`)
  const work = `--tasks ${tasks} ${gpus === undefined ? `--service-ms ${serviceMs.join(',')}` : gpusCommand(gpus, isTrace)} ${prefetch} --start ${start}${how.join('')}${stretched}`
  const least = backlogMin.some(tasks => tasks > 0) ? ` --backlog-min ${backlogMin.join(',')}` : ''
  return `npm run predict -- ${work}${gpus === undefined ? ` --slots ${slots.join(',')}` : ''} --priority ${priority.join(',')}${least} --gap-ms ${gapMs} --consumer-timeout ${consumerTimeoutMs}ms --seed ${seed}`
}
