/** `npm run predict`: waits, order and shares from the model, without a lab. The options stand in `predict/arguments.ts`. */
import { EXIT } from '#contracts/parts'
import { ModelError } from '#predictor'
import { parseArguments, UsageError } from './predict/arguments.ts'
import { predicted } from './predict/model.ts'
import { predictionText } from './predict/text.ts'

function main(args: string[]): void {
  const asked = parseArguments(args)
  if ('help' in asked) {
    console.log(asked.help)
    return
  }
  const prediction = predicted(asked)
  console.log(asked.json ? JSON.stringify(prediction.figures, null, 2) : predictionText(asked, prediction))
}

try {
  main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ModelError)) throw error
  console.error(`USAGE: ${error.message}`)
  process.exitCode = EXIT.usage
}
