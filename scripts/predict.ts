/** `npm run predict`: waits, order and shares from the model, without a lab. The options stand in `predict/arguments.ts`. */
import { readFileSync } from 'node:fs'
import { EXIT } from '#contracts/parts'
import { ModelError } from '#predictor'
import { parseArguments, UsageError } from './predict/arguments.ts'
import { predicted } from './predict/model.ts'
import { predictionText } from './predict/prediction-text.ts'
import { traceStart } from './predict/trace-start.ts'
import { startText } from './predict/values.ts'
import { parseTrace, TraceError, type TraceRow } from './replay/trace.ts'

function readTrace(path: string): TraceRow[] {
  try {
    return parseTrace(readFileSync(path, 'utf8'))
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new TraceError(`cannot read ${path} (${error.message})`)
  }
}

function main(args: string[]): void {
  const asked = parseArguments(args)
  if ('help' in asked) {
    console.log(asked.help)
    return
  }
  const { start } = asked
  const read = start.kind === 'trace-file' ? traceStart(readTrace(start.path), asked) : start
  const described = { ...asked, start: read, startText: startText(start) }
  const prediction = predicted(described)
  console.log(asked.json ? JSON.stringify(prediction.figures, null, 2) : predictionText(described, prediction, process.stdout.columns))
}

try {
  main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ModelError || error instanceof TraceError)) throw error
  console.error(`USAGE: ${error.message}`)
  process.exitCode = EXIT.usage
}
