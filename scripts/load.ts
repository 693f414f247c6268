/** `npm run load -- chat|bot|mixed|connections`: a load test in a lab of its own. A line a second while it measures, the verdict first at its end, and a run folder. */
import { styleText } from 'node:util'
import { Command, Option } from 'commander'
import { EXIT } from '#contracts/parts'
import { type BrokerGeneration, DEFAULT_PLAN, type LabPlan, startLab, withSetting } from '#lab'
import { type LoadPlan, runLoad, sloTtftMs } from '../loadtest/index.ts'
import { stopSignal } from './lab/stop.ts'
import { loadCommand } from './load/command.ts'
import { LiveLines } from './load/live.ts'
import { type LoadOptionsGiven, planOf, tamperOf } from './load/options.ts'
import { storeLoad } from './load/store.ts'
import { loadText, resultOf } from './load/text.ts'
import { circumstances } from './scenario/machine.ts'
import { numberArgument as number, runProgram } from './setup/program.ts'
import { type AskedRuntime, brokerOption, readyRuntime, runtimeOption } from './setup/runtime.ts'

interface Options extends LoadOptionsGiven {
  seed: number
  threads: number
  runtime: AskedRuntime
  broker?: BrokerGeneration
  design: 'sound' | 'article'
  set: string[]
  install: boolean
  json?: boolean
}

async function load(workload: string, options: Options): Promise<void> {
  const plan = await planOf(workload, options)
  const signal = stopSignal()
  const labPlan = labPlanOf(plan, options)
  const runtime = await readyRuntime(options.runtime, { install: options.install, broker: options.broker })
  const startedAt = new Date().toISOString()
  const where = await circumstances(startedAt)
  const say = (text: string) => console.error(text)
  await using lab = await startLab(labPlan, { signal, runtime })
  const live = new LiveLines(say, options.threads)
  const { result, events } = await runLoad(lab, plan, {
    seed: options.seed,
    threads: options.threads,
    signal,
    tamper: tamperOf(options),
    slo: { ttftMs: sloTtftMs(options.ttftMs, options.timeScale), answerMs: 3 * sloTtftMs(options.ttftMs, options.timeScale) },
    onPhase: what => say(`${what} …`),
    onTick: tick => live.tick(tick),
  })
  const { folder, document } = await storeLoad(result, events, {
    ...where,
    command: loadCommand(workload, options),
    interrupted: signal.aborted,
  })
  if (options.json === true) console.log(JSON.stringify(resultOf(document, folder), undefined, 2))
  else console.log(loadText(document, folder, (style, text) => styleText(style, text, { stream: process.stdout })))
  process.exitCode = signal.aborted ? EXIT.interrupted : { pass: EXIT.ok, fail: EXIT.failed, unknown: EXIT.unknown }[document.verdict]
}

/** One user may send more in a test than any person would. */
const FRAMES_PER_SECOND_MAX = 1_000_000

function labPlanOf(plan: LoadPlan, { design, timeScale, seed, set, broker }: Options): LabPlan {
  const perUser = plan.traffic.map(({ ratePerSecond, outstanding, users }) =>
    outstanding > 0 ? Number.POSITIVE_INFINITY : ratePerSecond / users,
  )
  const free = perUser.some(rate => rate > 10) ? { userFramesPerSecond: FRAMES_PER_SECOND_MAX, userTasksMax: FRAMES_PER_SECOND_MAX } : {}
  const base: LabPlan = {
    ...DEFAULT_PLAN,
    settings: { design, seed, timeScale, gpuColdLoad: false, ...free },
    ...(broker === undefined ? {} : { broker }),
  }
  return set.reduce(withSetting, base)
}

const collect = (value: string, before: string[]) => [...before, value]

const program = new Command('npm run load --')
  .exitOverride()
  .description('Loads a lab of its own and judges every message: latency from the intended send, what was lost, doubled or out of order.')
  .argument('<WORKLOAD>', 'chat, bot, mixed or connections')
  .option('--rate <PER_SECOND>', 'messages (bot: prompts) due in a second: open loop', number(0.01, 1_000_000, false))
  .option('--bot-rate <PER_SECOND>', 'mixed: prompts due in a second', number(0.01, 100_000, false))
  .option('--closed <OUTSTANDING>', 'closed loop: so many on their way at any time', number(1, 100_000, true))
  .option('--for <DURATION>', 'how long it measures: 30s, 2m', '30s')
  .option('--warm-up <DURATION>', 'the same load before, not counted', '3s')
  .option('--users <N>', 'people (chat: an even number)', number(1, 20_000, true))
  .addOption(new Option('--pairs <WHERE>', 'chat: who writes to whom').choices(['across-nodes', 'same-node']).default('across-nodes'))
  .addOption(new Option('--arrivals <SHAPE>', 'how messages come').choices(['poisson', 'even', 'bursts']).default('poisson'))
  .option('--bytes <N>', 'chat: length of a message', number(1, 8_000, true), 200)
  .option('--connections <N>', 'connections: so many that do nothing', number(1, 19_000, true), 10_000)
  .option('--storm', 'chat: kill a node in the middle and start it again', false)
  .option('--trace <FILE>', 'bot: sizes and gaps of a trace (CSV: TIMESTAMP,ContextTokens,GeneratedTokens) instead of a rate')
  .option('--time-scale <N>', 'bot: divides GPU times and nothing else', number(0.01, 10_000, false), 50)
  .option('--p99-ms <MS>', 'limit: chat, seen by its recipient', number(0.1, 600_000, false), 250)
  .option('--ttft-ms <MS>', 'limit: bot, 95 % of the answers begin within, at time scale 1', number(1, 86_400_000, false), 20_000)
  .option('--seed <N>', 'seed of every draw', number(0, 2_147_483_647, true), 1)
  .option('--threads <N>', 'generator threads', number(1, 64, true), 2)
  .addOption(new Option('--design <DESIGN>', 'of the lab').choices(['sound', 'article']).default('sound'))
  .option('--set <NAME=VALUE>', 'a setting of the lab, or PART:NAME=VALUE; repeatable', collect, [])
  .addOption(runtimeOption())
  .addOption(brokerOption())
  .addOption(
    new Option('--tamper <KIND:EVERY>', 'test of the checks: drop:10000, duplicate:10000 or swap:10000, behind the client’s repair'),
  )
  .option('--no-install', 'never install a system package')
  .option('--json', 'one JSON document on stdout')
  .action(load)

await runProgram(program, error =>
  error instanceof Error && 'code' in error && error.code === 'BAD_LOAD' ? `BAD_LOAD: ${error.message}` : undefined,
)
