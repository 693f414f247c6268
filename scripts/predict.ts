/** `npm run predict`: waits, order, shares by the model. Options: `predict/arguments.ts`. */
import { ModelError } from '#predictor'
import { predictionDocument, sweepDocument } from '../reports/predict/document.ts'
import { predictionText } from '../reports/predict/prediction-text.ts'
import { sweepOf } from '../reports/predict/sweep.ts'
import { sweepText } from '../reports/predict/sweep-text.ts'
import { type Described, type PredictArguments, predicted } from '../scenarios/predictor/described.ts'
import { TraceError } from '../scenarios/predictor/trace.ts'
import { traceStart } from '../scenarios/predictor/trace-start.ts'
import { predictProgram } from './predict/arguments.ts'
import { readTrace } from './predict/read-trace.ts'
import { startText } from './predict/values.ts'
import { runProgram } from './setup/program.ts'

/** More tasks take seconds per prefetch: show progress. */
const LONG_TASKS = 50_000

function show(asked: PredictArguments): void {
  const { start } = asked
  const read = start.kind === 'trace-file' ? traceStart(readTrace(start.path, 'npm run predict -- --start trace:FILE'), asked) : start
  const described = { ...asked, start: read, startText: startText(start) }
  console.log(asked.sweep ? swept(described) : single(described))
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
