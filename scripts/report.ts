/** `npm run report [-- RUN-FOLDER]`: renders a stored run of any kind again. Default: the newest. `-- compare A B`: holds runs against each other. */
import { join, relative, resolve } from 'node:path'
import { styleText } from 'node:util'
import { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import { BadRun } from '#evidence/store/bad-run'
import { writeRendered } from '#evidence/store/run-folder'
import { newestRun, readStored } from '#evidence/store/stored'
import type { Ink } from '../reports/columns.ts'
import { NotComparable } from '../reports/compare/alike.ts'
import { NothingShared } from '../reports/compare/compared.ts'
import { compareText } from '../reports/compare/text.ts'
import { renderedAny } from '../reports/rendered.ts'
import { alarmsText, countAlarms } from './compare/alarms.ts'
import { compare } from './compare/compare.ts'
import { runProgram } from './setup/program.ts'

/** Relative to where the user is (npm goes to the project's root), absolute when it lies outside. */
function shownPath(path: string): string {
  const whole = resolve(path)
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), whole)
  return short.startsWith('..') ? whole : short
}

async function render(folder: string | undefined): Promise<void> {
  const asked = folder ?? (await newestRun())
  const files = renderedAny(await readStored(asked))
  await writeRendered(asked, files)
  console.log(
    Object.keys(files)
      .map(name => shownPath(join(asked, name)))
      .join('\n'),
  )
}

/** Colour on a terminal that wants it. */
const ink: Ink = (style, text) => styleText(style, text, { stream: process.stdout })

async function compareRuns(typed: string[], { json, alarms }: { json?: boolean; alarms?: boolean }): Promise<void> {
  if (alarms === true) {
    console.log(alarmsText(await countAlarms(typed, text => console.error(text))))
    return
  }
  if (typed.length < 2)
    throw new BadRun(
      `compare: expected two runs or more, got ${typed.length}\nLike this: npm run report -- compare reports/runs/A reports/runs/B`,
    )
  const { document, folder } = await compare(typed, new Date().toISOString())
  const { comparisons, ...rest } = document
  const short = { ...rest, folder: shownPath(folder), comparisons: comparisons.map(({ curves: _, ...each }) => each) }
  if (json === true) console.log(JSON.stringify(short, undefined, 2))
  else console.log(`${compareText(document, { ink, width: process.stdout.columns ?? 120 })}\n\n${shownPath(join(folder, 'report.html'))}`)
  if (document.verdict === 'too noisy') process.exitCode = EXIT.unknown
}

const program = new Command('npm run report --')
  .exitOverride()
  .description('Renders a stored run of any kind (a scenario, a load test, the matrix): report.html, report.md, junit.xml.')
  .argument('[FOLDER]', 'a run (default: the newest)')
  .action(render)
program
  .command('compare')
  .exitOverride()
  .description('Holds runs against each other: by how much they differ, how surely, and in what they are not the same.')
  .argument(
    '<RUNS...>',
    'FOLDER, FOLDER#ARM, or several with commas between: A1,A2,A3 B1,B2,B3; the first is what the others are held against',
  )
  .option('--json', 'one JSON document on stdout')
  .option(
    '--alarms',
    'compares all pairs of runs of one scenario and commit instead, and counts how often a change is found where there is none',
  )
  .action(compareRuns)

await runProgram(program, error =>
  error instanceof BadRun || error instanceof NothingShared || error instanceof NotComparable
    ? `${error.code}: ${error.message}`
    : undefined,
)
