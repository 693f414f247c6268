/** `npm run report [-- RUN-FOLDER]`: renders a stored run, default the newest. `-- compare A B`. */
import { join, relative, resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import { KEDA_DEFAULTS } from '#evidence/autoscaler'
import { BadRun } from '#evidence/store/bad-run'
import { writeRendered } from '#evidence/store/run-folder'
import { newestRun, readStored } from '#evidence/store/stored'
import { compareText } from '../reports/compare/text.ts'
import { terminalInk } from '../reports/ink.ts'
import { renderedAny } from '../reports/rendered.ts'
import { compare, compareJson } from './compare/compare.ts'
import { option, refuse, time } from './predict/values.ts'
import { runProgram } from './setup/program.ts'

/** Relative to the user's folder (npm moves to the root), absolute outside it. */
function shownPath(path: string): string {
  const whole = resolve(path)
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), whole)
  return short.startsWith('..') ? whole : short
}

interface ScalerOptions {
  kedaValue: number
  kedaPolling: number
}

const VALUE_MAX = 1_000_000
const POLLING_LEAST_MS = 1_000

function messages(text: string): number {
  const value = Number(text)
  return /^\d+(\.\d+)?$/.test(text) && value > 0 && value <= VALUE_MAX ? value : refuse(`a number above 0, up to ${VALUE_MAX}`, text)
}

function polling(text: string): number {
  const ms = time(text)
  return ms >= POLLING_LEAST_MS ? ms : refuse('a time from 1s to 24h', text)
}

async function render(folder: string | undefined, { kedaValue, kedaPolling }: ScalerOptions): Promise<void> {
  const asked = folder ?? (await newestRun())
  const files = renderedAny(await readStored(asked), { value: kedaValue, pollingMs: kedaPolling })
  await writeRendered(asked, files)
  console.log(
    Object.keys(files)
      .map(name => shownPath(join(asked, name)))
      .join('\n'),
  )
}

async function compareRuns(typed: string[], { json }: { json?: boolean }): Promise<void> {
  if (typed.length < 2)
    throw new BadRun(
      `compare: expected two runs or more, got ${typed.length}\nLike this: npm run report -- compare reports/runs/A reports/runs/B`,
    )
  const { document, folder } = await compare(typed, new Date().toISOString())
  if (json === true) console.log(compareJson({ ...document, folder: shownPath(folder) }, 2))
  else
    console.log(
      `${compareText(document, { ink: terminalInk, width: process.stdout.columns ?? 80 })}\n\n${shownPath(join(folder, 'report.html'))}`,
    )
  if (document.verdict === 'too noisy') process.exitCode = EXIT.unknown
}

const program = new Command('npm run report --')
  .exitOverride()
  .description('Renders a stored run of any kind (a scenario, a load test, the matrix): report.html, report.md, junit.xml.')
  .argument('[FOLDER]', 'a run (default: the newest)')
  .addOption(
    option('--keda-value <MESSAGES>', 'of an autoscaler beside the waits: messages a replica', messages, String(KEDA_DEFAULTS.value)),
  )
  .addOption(option('--keda-polling <TIME>', 'and the time between two looks of it', polling, `${KEDA_DEFAULTS.pollingMs / 1_000}s`))
  .action(render)
program
  .command('compare')
  .exitOverride()
  .description('Compares runs: effect size, confidence, differing settings.')
  .argument('<RUNS...>', 'FOLDER, FOLDER#ARM, or several with commas: A1,A2,A3 B1,B2,B3; others are compared with the first')
  .option('--json', 'one JSON document on stdout')
  .action(compareRuns)

await runProgram(program, error => (error instanceof BadRun ? `${error.code}: ${error.message}` : undefined))
