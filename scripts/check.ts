/** `npm run check`: types, lint, unused code; with RUN-FOLDER: judge that run again. */

import { EXIT } from '#contracts/parts'
import type { RunVerdict } from '#evidence/judge'
import { BadRun } from '#evidence/store/bad-run'
import { readStored } from '#evidence/store/stored'
import { loadJudgedAgain, runJudgedAgain } from '../reports/judged-again.ts'
import { judgeAgain } from '../scenarios/experiment/judge-again.ts'
import { judgeOf, UnknownScenario } from './scenario/find.ts'
import { judgeLoadAgain } from './scenario/judge-load-again.ts'
import { exitCodeOf } from './scenario/result.ts'
import { runGates } from './tools/test/gates.ts'

async function judgeStored(run: string): Promise<{ verdict: RunVerdict }> {
  const stored = await readStored(run)
  if (stored.kind === 'matrix')
    throw new BadRun(`check: ${run} is a matrix, and a matrix keeps no history to judge again\nShow it: npm run report -- ${run}`)
  if (stored.kind === 'load') {
    const judged = judgeLoadAgain(stored.document, stored.histories)
    console.log(loadJudgedAgain(stored.document, judged))
    return judged
  }
  const { document, histories } = stored
  const judged = judgeAgain(await judgeOf(document), document, histories)
  console.log(runJudgedAgain(document, judged))
  return judged
}

const USAGE = `npm run check                  types, lint and unused code; starts no lab
npm run check -- RUN-FOLDER    judges a stored run again, such as reports/latest
Exit codes: 0 pass, 1 failed, 3 usage, 4 unknown`

const [folder, ...more] = process.argv.slice(2)
try {
  if (folder === '--help' || folder === '-h') console.log(USAGE)
  else if (folder?.startsWith('-') || more.length > 0) {
    console.error(`USAGE: expected one RUN-FOLDER at most, got ${[folder, ...more].join(' ')}\n${USAGE}`)
    process.exitCode = EXIT.usage
  } else if (folder === undefined) {
    const { failed } = await runGates(`${import.meta.dirname}/..`)
    process.exitCode = failed === 0 ? EXIT.ok : EXIT.failed
  } else {
    process.exitCode = exitCodeOf([await judgeStored(folder)])
  }
} catch (error) {
  if (!(error instanceof BadRun || error instanceof UnknownScenario)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = EXIT.usage
}
