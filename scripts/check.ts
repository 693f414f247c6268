/** `npm run check`: types, lint and unused code, nothing run. `npm run check -- RUN-FOLDER`: judges a stored run of a scenario again. */
import { EXIT } from '#contracts/parts'
import { BadRun } from './scenario/bad-run.ts'
import { loadScenario, UnknownScenario } from './scenario/find.ts'
import { judgeAgain, judgedText } from './scenario/judge-again.ts'
import { exitCodeOf } from './scenario/result.ts'
import { readRun } from './scenario/run-folder.ts'
import { runGates } from './test/gates.ts'

const [folder] = process.argv.slice(2)
try {
  if (folder === undefined) {
    const { failed } = await runGates(`${import.meta.dirname}/..`)
    process.exitCode = failed === 0 ? EXIT.ok : EXIT.failed
  } else {
    const { document, histories } = await readRun(folder)
    const judged = judgeAgain(await loadScenario(document.scenario), document, histories)
    console.log(judgedText(document, judged))
    process.exitCode = exitCodeOf([judged])
  }
} catch (error) {
  if (!(error instanceof BadRun || error instanceof UnknownScenario)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = EXIT.usage
}
