/** `npm run scenario -- NAME… | --all`: runs scenarios in labs of their own, judges them, and leaves a folder of evidence for each. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { styleText } from 'node:util'
import { Command, Option } from 'commander'
import { type Lab, LabError, runScenario, type Scenario, type Size } from '#lab'
import { stopSignal } from './lab/stop.ts'
import { junitXml } from './report/junit.ts'
import { rendered } from './report/rendered.ts'
import { type Ink, type StoredRun, summaryText } from './report/summary.ts'
import { runDocument } from './scenario/document.ts'
import { loadScenario, scenarioNames, UnknownScenario } from './scenario/find.ts'
import { circumstances } from './scenario/machine.ts'
import { exitCodeOf, resultDocument } from './scenario/result.ts'
import { makeRunFolder, writeRun } from './scenario/run-folder.ts'
import { ensureNativePackages } from './setup/packages.ts'
import { numberArgument, runProgram } from './setup/program.ts'

interface Options {
  all?: boolean
  list?: boolean
  size: Size
  seed: number
  seeds: number
  runtime: 'auto' | 'native'
  json?: boolean
  junit?: string
  keep?: boolean
  install: boolean
}

const LOG_LINES = 200

async function main(names: string[], options: Options): Promise<void> {
  if (options.list === true) {
    for (const name of await scenarioNames()) console.log(`${name}: ${(await loadScenario(name)).claim}`)
    return
  }
  const wanted = options.all === true ? await scenarioNames() : names
  if (wanted.length === 0) throw new UnknownScenario(`expected a NAME or --all; there are: ${(await scenarioNames()).join(', ')}`)
  const scenarios = await Promise.all(wanted.map(loadScenario))
  const signal = stopSignal()
  await ensureNativePackages({ install: options.install })
  const done: StoredRun[] = []
  try {
    await all(scenarios, options, signal, done)
  } finally {
    // What was found out before something went wrong counts.
    if (done.length > 0) print(done, options)
    if (options.junit !== undefined) await writeFile(options.junit, junitXml(done.map(({ document }) => document)))
  }
  process.exitCode = exitCodeOf(done.map(({ document }) => document))
}

async function all(scenarios: Scenario[], options: Options, signal: AbortSignal, done: StoredRun[]): Promise<void> {
  for (let round = 0; round < options.seeds; round += 1) {
    for (const scenario of scenarios) {
      const { kept, ...run } = await one(scenario, options.seed + round, options, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
        throw new LabError('INTERRUPTED', `${scenario.name} was interrupted; its lab is removed`, { cause: error })
      })
      done.push(run)
      if (kept) return
    }
  }
}

/** Colour on a terminal that wants it. */
const ink: Ink = (style, text) => styleText(style, text, { stream: process.stdout })

function print(done: StoredRun[], { json }: Options): void {
  if (json === true) console.log(JSON.stringify(resultDocument(done), undefined, 2))
  else console.log(summaryText(done, { ink, width: process.stdout.columns ?? 120 }))
}

async function one(scenario: Scenario, seed: number, { size, keep }: Options, signal: AbortSignal) {
  const startedAt = new Date().toISOString()
  const where = await circumstances(startedAt)
  const folder = await makeRunFolder(scenario.name, startedAt)
  let written = false
  await using cleaning = new AsyncDisposableStack()
  cleaning.defer(() => (written ? undefined : rm(folder, { recursive: true, force: true })))
  let kept = false
  const say = (text: string) => console.error(`${scenario.name}, seed ${seed}: ${text}`)
  const run = await runScenario(scenario, {
    seed,
    size,
    signal,
    onArm: (arm, event, detail) => {
      if (event === 'ended') say(`${arm}: ${detail}`)
      else if (event === 'running') say(`${arm} runs …`)
    },
    async onTrouble(arm, lab) {
      await saveLogs(lab, join(folder, 'logs', arm.replace(/[^\w.-]+/g, '-')))
      if (keep !== true) return false
      await lab.keep()
      kept = true
      say(`the lab is left standing.\nLook: npm run lab:status -- --name ${lab.name}\nEnd it: npm run lab:down -- --name ${lab.name}`)
      return true
    },
  })
  const document = runDocument(run, where)
  const histories = new Map(run.arms.map(arm => [arm.arm.name, arm.history]))
  await writeRun(folder, document, histories, rendered(document, histories))
  written = true
  return { document, folder: relative(process.cwd(), folder), kept }
}

async function saveLogs(lab: Lab, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { name } of lab.parts) await writeFile(join(folder, `${name}.log`), await lab.logTail(name, LOG_LINES))
}

const program = new Command('npm run scenario --')
  .exitOverride()
  .description('Runs scenarios: each claim in its arms, beside controls that must break.')
  .argument('[NAME...]', 'scenarios by name')
  .option('--all', 'all of them')
  .option('--list', 'what there is, and what each claims')
  .addOption(new Option('--size <SIZE>', 'quick or full').choices(['quick', 'full']).default('quick'))
  .addOption(new Option('--runtime <RUNTIME>', 'what runs the parts').choices(['auto', 'native']).default('auto'))
  .option('--seed <N>', 'seed of every draw', numberArgument(0, 2_147_483_647, true), 1)
  .option('--seeds <N>', 'so many seeds in a row', numberArgument(1, 1_000, true), 1)
  .option('--json', 'one JSON document on stdout')
  .option('--junit <FILE>', 'all runs as one JUnit file')
  .option('--keep', 'leave the lab of the first arm that is not as it should be standing')
  .option('--no-install', 'never install a system package')
  .action(main)

await runProgram(program, error => (error instanceof UnknownScenario ? `${error.code}: ${error.message}` : undefined))
