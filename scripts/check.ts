/** `npm run check`: types, lint, unused code, rules; with RUN-FOLDER: judge that run again. */

import { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import type { RunVerdict } from '#evidence/judge'
import { BadRun } from '#evidence/store/bad-run'
import { readStored } from '#evidence/store/stored'
import { judgeGrowthAgain } from '../loadtest/growth/index.ts'
import { judgePeersAgain } from '../loadtest/peers/index.ts'
import { growthText } from '../reports/growth/text.ts'
import { loadJudgedAgain, runJudgedAgain } from '../reports/judged-again.ts'
import { peersText } from '../reports/peers/text.ts'
import { judgeAgain } from '../scenarios/experiment/judge-again.ts'
import { judgeOf, UnknownScenario } from './scenario/find.ts'
import { judgeLoadAgain } from './scenario/judge-load-again.ts'
import { exitCodeOf } from './scenario/result.ts'
import { runProgram } from './setup/program.ts'
import { runGates } from './tools/test/gates.ts'

async function judgeStored(run: string): Promise<{ verdict: RunVerdict }> {
  const stored = await readStored(run)
  if (stored.kind === 'matrix')
    throw new BadRun(`check: ${run} is a matrix of an older lab, which kept no history to judge again\nShow it: npm run report -- ${run}`)
  if (stored.kind === 'load') {
    const judged = judgeLoadAgain(stored.document, stored.histories)
    console.log(loadJudgedAgain(stored.document, judged))
    return judged
  }
  if (stored.kind === 'growth') {
    const judged = judgeGrowthAgain(stored.document)
    console.log(growthText(judged, run))
    return judged
  }
  if (stored.kind === 'peers') {
    const judged = judgePeersAgain(stored.document)
    console.log(peersText(judged, run))
    return judged
  }
  const { document, histories } = stored
  const judged = judgeAgain(await judgeOf(document), document, histories)
  console.log(runJudgedAgain(document, judged))
  return judged
}

async function check(folder: string | undefined): Promise<void> {
  if (folder !== undefined) process.exitCode = exitCodeOf([await judgeStored(folder)])
  else process.exitCode = (await runGates(`${import.meta.dirname}/..`, { tidy: true })).failed === 0 ? EXIT.ok : EXIT.failed
}

const program = new Command('npm run check --')
  .exitOverride()
  .description('Types, lint, unused code and the rules of the project; starts no lab. With a folder: judges that run again.')
  .argument('[RUN-FOLDER]', 'a stored run, such as reports/latest')
  .action(check)

await runProgram(program, error =>
  error instanceof BadRun || error instanceof UnknownScenario ? `${error.code}: ${error.message}` : undefined,
)
