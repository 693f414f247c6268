/** `npm run predict`: waits, order, shares by the model. Options: `predict/arguments.ts`. */
import { ModelError } from '#predictor'
import { predictionDocument, sweepDocument } from '../reports/predict/document.ts'
import { predictionText } from '../reports/predict/prediction-text.ts'
import { sweepOf } from '../reports/predict/sweep.ts'
import { sweepText } from '../reports/predict/sweep-text.ts'
import { type Described, type PredictArguments, predicted } from '../scenarios/predictor/described.ts'
import { gpuWork } from '../scenarios/predictor/gpu-work.ts'
import { traceStart } from '../scenarios/predictor/trace/start.ts'
import { TraceError } from '../scenarios/predictor/trace/time.ts'
import { predictProgram } from './predict/arguments.ts'
import { startText } from './predict/values.ts'
import { runProgram } from './setup/program.ts'
import { firstRows, traceOf } from './setup/trace.ts'

/** More tasks take seconds per prefetch: show progress. */
const LONG_TASKS = 50_000

async function show(asked: PredictArguments): Promise<void> {
  const args = await described(asked)
  console.log(args.sweep ? swept(args) : single(args))
}

/** With as many tasks as its trace has rows. */
async function described(asked: PredictArguments): Promise<Described> {
  const { start, tasks, trace } = asked
  const text = startText(start)
  if (start.kind !== 'trace-file') return { ...asked, ...gpuWork(asked, undefined), start, startText: text }
  const example = 'npm run predict -- --start trace:FILE'
  const { rows } = await traceOf(start.path, trace, { example, sizes: asked.gpus !== undefined, enough: firstRows(tasks) })
  const args = { ...asked, ...gpuWork(asked, rows), tasks: rows.length }
  return { ...args, start: traceStart(rows, args), startText: text }
}

function single(args: Described): string {
  const prediction = predicted(args)
  return args.json ? json(predictionDocument(args, prediction)) : predictionText(args, prediction, process.stdout.columns)
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
