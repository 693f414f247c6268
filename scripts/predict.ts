/** `npm run predict`: waits, order, shares by the model. Options: `predict/arguments.ts`. */
import { defaultContextTokens } from '#contracts/gpu-timing'
import { ModelError } from '#predictor'
import { predictionDocument, sweepDocument } from '../reports/predict/document.ts'
import { predictionText } from '../reports/predict/prediction-text.ts'
import { sweepOf } from '../reports/predict/sweep.ts'
import { sweepText } from '../reports/predict/sweep-text.ts'
import { type AskedGpus, type Described, type PredictArguments, predicted } from '../scenarios/predictor/described.ts'
import { gpuWork } from '../scenarios/predictor/gpu-work.ts'
import { otherSeeds } from '../scenarios/predictor/other-seeds.ts'
import { Fitting } from '../scenarios/predictor/trace/long-prompts.ts'
import { traceStart } from '../scenarios/predictor/trace/start.ts'
import { TraceError } from '../scenarios/predictor/trace/time.ts'
import { predictProgram } from './predict/arguments.ts'
import { startText } from './predict/values.ts'
import { runProgram } from './setup/program.ts'
import { firstRows, traceOf } from './setup/trace.ts'

/** More tasks take seconds per prefetch: show progress. */
const LONG_TASKS = 50_000

async function show(asked: PredictArguments): Promise<void> {
  const at = await read(asked)
  const args = at(asked.seed)
  console.log(args.sweep ? swept(args) : single(args, at))
}

/** The arguments with what their trace has, by seed; with as many tasks as it has rows. */
async function read(asked: PredictArguments): Promise<(seed: number) => Described> {
  const { start, tasks, trace, gpus } = asked
  const text = startText(start)
  if (start.kind !== 'trace-file') return seed => ({ ...asked, ...gpuWork({ ...asked, seed }, undefined), seed, start, startText: text })
  const example = 'npm run predict -- --start trace:FILE'
  const fitting = gpus === undefined ? undefined : new Fitting(trace.longPrompts ?? 'keep', contextOf(gpus))
  const { rows } = await traceOf(start.path, trace, {
    example,
    sizes: gpus !== undefined,
    enough: firstRows(tasks),
    ...(fitting === undefined ? {} : { fitting }),
  })
  return seed => {
    const args = { ...asked, ...gpuWork({ ...asked, seed }, rows), tasks: rows.length, seed }
    const tooLong = fitting === undefined ? {} : { tooLong: fitting.counted }
    return { ...args, ...tooLong, start: traceStart(rows, args), startText: text }
  }
}

/** The smallest of the cards, as a lab leaves it. */
function contextOf({ kinds }: AskedGpus): number {
  return Math.min(...kinds.map(({ work }) => ('profile' in work ? defaultContextTokens(work.profile) : Number.POSITIVE_INFINITY)))
}

function single(args: Described, at: (seed: number) => Described): string {
  const prediction = predicted(args)
  const seeds = otherSeeds(args, at)
  return args.json ? json(predictionDocument(args, prediction, seeds)) : predictionText(args, prediction, process.stdout.columns, seeds)
}

function swept(args: Described): string {
  const onPrefetch = (prefetch: number) => args.tasks >= LONG_TASKS && console.error(`prefetch ${prefetch} …`)
  const sweep = sweepOf(args, onPrefetch)
  return args.json ? json(sweepDocument(args, sweep)) : sweepText(args, sweep, process.stdout.columns)
}

const json = (document: object) => JSON.stringify(document, null, 2)

await runProgram(predictProgram(show), error =>
  error instanceof ModelError || error instanceof TraceError ? `USAGE: ${error.message}` : undefined,
)
