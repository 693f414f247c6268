/** `npm run scenario -- NAME… | --all`: each in its own lab and folder, judged. */
import { writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { Command, Option } from 'commander'
import { EXIT } from '#contracts/parts'
import { matrixOfRun } from '#evidence/matrix'
import { asAsked, brokerNeed, NeedsModelServer, type Scenario, type ScenarioModel, type Size } from '#experiment'
import { type AskedBroker, inspectModelServer, LabError, modelAddress, type RuntimeName, readyModel } from '#lab'
import { terminalInk } from '../reports/ink.ts'
import { junitXml } from '../reports/junit.ts'
import { matrixText, surpriseTexts } from '../reports/matrix.ts'
import { type Skipped, skippedText } from '../reports/skipped.ts'
import { summaryText } from '../reports/summary.ts'
import { tableText, terminalColumns } from '../services/terminal/table.ts'
import { stopSignal } from './lab/stop.ts'
import { loadScenario, onBrokers, scenarioNames, UnknownScenario, unknownScenario } from './scenario/find.ts'
import { type OneRun, runOne } from './scenario/one.ts'
import { exitCodeOf, resultDocument } from './scenario/result.ts'
import { untilKnown } from './scenario/retry.ts'
import { askedGpus, type GpuOptions, gpuOption, gpusOption } from './setup/gpus.ts'
import { askedBroker, type BrokerOptions, brokerOptions, readyBroker } from './setup/own-broker.ts'
import { numberArgument, repeatable, runProgram } from './setup/program.ts'
import { type AskedRuntime, readyRuntime, runtimeOption } from './setup/runtime.ts'
import { lastWords } from './setup/trouble.mjs'

interface Options extends GpuOptions, BrokerOptions {
  set: string[]
  arm: string[]
  repeat: number
  all?: boolean
  list?: boolean
  size: Size
  seed: number
  seeds: number
  retryUnknown: number
  runtime: AskedRuntime
  matrix?: boolean
  ollama?: string
  command?: string
  model?: string
  json?: boolean
  junit?: string
  keep?: boolean
  install: boolean
}

/** Once it is decided. */
type Ready = Omit<Options, 'broker'> & { runtime: RuntimeName; broker: AskedBroker; modelServer: ScenarioModel | undefined }

async function main(names: string[], options: Options): Promise<void> {
  if (options.list === true) {
    await list()
    return
  }
  const wanted = options.all === true ? await scenarioNames() : names
  const { set, arm: arms } = options
  const broker = askedBroker(options)
  const words = { set, arms, gpus: options.gpus === '' ? [] : options.gpus.split(','), gpu: options.gpu }
  const isAsked = Object.values(words).some(list => list.length > 0)
  // npm changes the folder; a command is typed for the one that its user stands in.
  const folder = process.env['INIT_CWD'] ?? process.cwd()
  const own = options.command === undefined ? {} : { own: { command: options.command, folder } }
  if (isAsked && options.matrix === true)
    throw new LabError('BAD_SETTING', '--matrix: expected without --set, --arm, --gpus and --gpu, got both\nOne generation: --broker 4.0')
  if (broker.own !== undefined && options.matrix === true)
    throw new LabError('BAD_SETTING', '--matrix: expected three generations of RabbitMQ, got the address of one broker\nDrop --matrix')
  if (wanted.length === 0) throw await unknownScenario()
  const loaded = await Promise.all(wanted.map(loadScenario))
  const named = loaded.map(one => asAsked(one, { ...words, ...askedGpus(options), ...own }, { ...words, ...own }))
  const lacks = (one: Scenario): Skipped['code'] | undefined =>
    one.needs !== undefined && options.ollama === undefined ? 'MODEL_SERVER' : broker.own && brokerNeed(one)
  const skipped = named.flatMap(one => {
    const code = lacks(one)
    if (code === 'MODEL_SERVER' && options.all !== true) throw new NeedsModelServer(one.name)
    return code === undefined ? [] : [{ scenario: one.name, code }]
  })
  const scenarios = named.filter(one => lacks(one) === undefined)
  const signal = stopSignal()
  const modelServer = options.ollama === undefined ? undefined : await askedModel(options.ollama, options.model, signal)
  // A user's worker is a local process.
  const isLocal = options.runtime === 'auto' && scenarios.every(({ takes }) => takes === 'command')
  const runtime = await readyRuntime(isLocal ? 'native' : options.runtime, { install: options.install, broker })
  const ready = scenarios.filter(({ takes }) => !(options.all === true && runtime === 'compose' && takes === 'command'))
  for (const { name } of scenarios) if (!ready.some(one => one.name === name)) skipped.push({ scenario: name, code: 'NATIVE_RUNTIME' })
  for (const each of skipped) console.error(skippedText(each))
  const readied = ready.length === 0 ? broker : await readyBroker(broker, options, signal)
  if (options.matrix === true && runtime === 'native' && broker.generation === undefined)
    throw new LabError(
      'BROKER_MISSING',
      '--matrix needs three generations of RabbitMQ, this machine has one\nAll three, in containers: --runtime compose. This one alone: --broker 3.10',
    )
  const done: OneRun[] = []
  const errors: unknown[] = []
  try {
    const wished = options.matrix === true ? ready.map(one => onBrokers(one, broker.generation && [broker.generation])) : ready
    await all(wished, { ...options, broker: readied, runtime, modelServer }, signal, { done, errors })
  } finally {
    // Results from before an error count.
    const documents = done.filter(run => run.retried !== true).map(({ document }) => document)
    const exitCode = exitCodeOf(documents, errors)
    // Asked for by its name and not run: nothing is known of it.
    process.exitCode = exitCode === EXIT.ok && options.all !== true && skipped.length > 0 ? EXIT.unknown : exitCode
    if (done.length > 0 || skipped.length > 0) print(done, options, skipped)
    if (options.junit !== undefined) await writeFile(options.junit, junitXml(documents, skipped))
  }
}

/** One with a mistake in its file does not hide the others. */
async function list(): Promise<void> {
  const loaded = await Promise.allSettled((await scenarioNames()).map(loadScenario))
  const good = loaded.flatMap(each => (each.status === 'fulfilled' ? [each.value] : []))
  console.log(
    tableText([['scenario', 'claim'], ...good.map(({ name, claim }) => [name, claim])], { columns: terminalColumns(process.stdout) }),
  )
  const errors = loaded.flatMap(each => (each.status === 'rejected' ? [each.reason as unknown] : []))
  for (const error of errors) console.error(lastWords(error, 'scenario').text)
  process.exitCode = exitCodeOf([], errors)
}

/** Looked at before anything is started. */
async function askedModel(ollama: string, wanted: string | undefined, signal: AbortSignal): Promise<ScenarioModel> {
  const server = await inspectModelServer(modelAddress(ollama, process.env['OLLAMA_HEADERS']), signal)
  const { name, think, reasoningTokens } = await readyModel(server, wanted, signal)
  console.error(`${name} on ${server.url}, Ollama ${server.version}${think === false ? ', asked not to reason' : ''}`)
  return { url: server.url, headers: server.headers, model: name, think, reasoningTokens }
}

/** One after the other; after an error the next one runs. */
async function all(
  scenarios: Scenario[],
  { seed: first, seeds, repeat, size, keep, runtime, broker, modelServer, retryUnknown }: Ready,
  signal: AbortSignal,
  { done, errors }: { done: OneRun[]; errors: unknown[] },
): Promise<void> {
  for (let seed = first; seed < first + seeds; seed += 1) {
    for (const scenario of Array.from({ length: repeat }, () => scenarios).flat()) {
      const say = (text: string) => console.error(`${scenario.name}, seed ${seed}: ${text}`)
      try {
        const again = () => runOne(scenario, { seed, size, signal, runtime, broker, modelServer, keep, say })
        const run = await untilKnown(again, retryUnknown, done, say)
        if (run.error !== undefined) {
          say(`the run is stored, but not all of it could be rendered: ${inspect(run.error)}\nAgain: npm run report -- ${run.folder}`)
          errors.push(run.error)
        }
        if (run.kept) return
      } catch (error) {
        if (signal.aborted) throw new LabError('INTERRUPTED', `${scenario.name} was interrupted; its lab is removed`, { cause: error })
        say(lastWords(error, 'scenario').text)
        errors.push(error)
      }
    }
  }
}

function print(done: OneRun[], { json }: Options, skipped: readonly Skipped[]): void {
  const last = done.at(-1)
  const cells = last && matrixOfRun(last.document, last.histories)?.matrix
  const matrix = cells === undefined ? {} : { folder: last?.folder, matrix: cells, surprises: surpriseTexts(cells) }
  if (json === true) console.log(JSON.stringify({ ...resultDocument(done, skipped), ...matrix }, undefined, 2))
  else {
    if (cells !== undefined) console.log(`${matrixText(cells, process.stdout.columns)}\n`)
    console.log(summaryText(done, { ink: terminalInk, width: process.stdout.columns ?? 80, skipped }))
  }
}

const program = new Command('npm run scenario --')
  .exitOverride()
  .description('Runs scenarios: a claim, and controls that must break.')
  .argument('[NAME...]', 'names of scenarios')
  .option('--all', 'run all scenarios')
  .option('--list', 'list the scenarios and their claims')
  .addOption(new Option('--size <SIZE>', 'size of the runs').choices(['quick', 'full']).default('quick'))
  .addOption(runtimeOption())
  .option('--matrix', 'every arm on each RabbitMQ generation; nack-requeue: each verb on each queue type')
  .option('--seed <N>', 'random seed', numberArgument(0, 2_147_483_647, true), 1)
  .option('--seeds <N>', 'number of seeds to run, from --seed on', numberArgument(1, 1_000, true), 1)
  .option('--set <NAME=VALUE>', 'run each claim once more with your value, or PART:NAME=VALUE for one part; repeatable', repeatable, [])
  .option('--arm <ARM>', 'run this arm only: its letter or name; repeatable', repeatable, [])
  .option('--repeat <N>', 'run everything N times, with the same seed', numberArgument(1, 1_000, true), 1)
  .addOption(gpusOption())
  .addOption(gpuOption())
  .option('--retry-unknown <N>', 'repeat a scenario that ends unknown, up to N times', numberArgument(0, 100, true), 0)
  .option('--ollama <URL>', 'a real model server (its headers: OLLAMA_HEADERS, a JSON object)')
  .option('--model <NAME>', 'its model (default: the first that can chat)')
  .option('--command <LINE>', 'your own worker in place of the one that worker-contract tries')
  .option('--json', 'one JSON document on stdout')
  .option('--junit <FILE>', 'write all runs to one JUnit file')
  .option('--keep', 'keep the lab running after the first arm with an unexpected verdict')
  .option('--no-install', 'do not install system packages')
  .action(main)

for (const option of brokerOptions()) program.addOption(option)

await runProgram(program, error =>
  error instanceof UnknownScenario || error instanceof NeedsModelServer ? `${error.code}: ${error.message}` : undefined,
)
