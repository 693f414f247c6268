/** `npm run load -- chat|bot|mixed|connections`: a load test in a lab of its own. A line a second while it measures, the verdict first at its end, and a run folder. */
import { styleText } from 'node:util'
import { Command, Option } from 'commander'
import { EXIT } from '#contracts/parts'
import { type BrokerGeneration, DEFAULT_PLAN, type Lab, type LabPlan, type RuntimeName, startLab, withSetting } from '#lab'
import { CHAT, type LoadPlan, runLoad, runNoop, searchRate, sloTtftMs } from '../loadtest/index.ts'
import { stopSignal } from './lab/stop.ts'
import { loadCommand } from './load/command.ts'
import { LiveLines } from './load/live.ts'
import { durationMs, type LoadOptionsGiven, planOf, tamperOf } from './load/options.ts'
import { storeLoad } from './load/store.ts'
import { loadText, noopText, resultOf, searchText } from './load/text.ts'
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
  findRate?: boolean
  json?: boolean
}

async function load(workload: string, options: Options): Promise<void> {
  if (workload === 'noop') return noop(options)
  const plan = await planOf(workload, options)
  const signal = stopSignal()
  const runtime = await readyRuntime(options.runtime, { install: options.install, broker: options.broker })
  if (options.findRate === true) return findRate(workload, options, signal, runtime)
  await using lab = await startLab(labPlanOf(plan, options), { signal, runtime })
  const { document, folder } = await once(lab, workload, plan, options, signal)
  if (options.json === true) console.log(JSON.stringify(resultOf(document, folder), undefined, 2))
  else console.log(loadText(document, folder, (style, text) => styleText(style, text, { stream: process.stdout })))
  process.exitCode = signal.aborted ? EXIT.interrupted : EXITS[document.verdict]
}

const EXITS = { pass: EXIT.ok, fail: EXIT.failed, unknown: EXIT.unknown }
const say = (text: string) => console.error(text)

async function once(lab: Lab, workload: string, plan: LoadPlan, options: Options, signal: AbortSignal) {
  const startedAt = new Date().toISOString()
  const where = await circumstances(startedAt)
  const live = new LiveLines(say, options.threads)
  const ttftMs = sloTtftMs(options.ttftMs, options.timeScale)
  const { result, events } = await runLoad(lab, plan, {
    seed: options.seed,
    threads: options.threads,
    signal,
    tamper: tamperOf(options),
    slo: { ttftMs, answerMs: ANSWER_TO_TTFT * ttftMs },
    onPhase: what => say(`${what} …`),
    onTick: tick => live.tick(tick),
  })
  return storeLoad(result, events, { ...where, command: loadCommand(workload, options), interrupted: signal.aborted })
}

/** Good answers are whole within this many times the limit for their beginning. */
const ANSWER_TO_TTFT = 3

/** The generator against a node that does nothing. */
async function noop({ users = CHAT.users, closed = 1_000, bytes: bodyBytes, threads, for: forTime, json }: Options): Promise<void> {
  const startedAt = new Date().toISOString()
  const plan = { users, outstanding: closed, bodyBytes, threads, forMs: durationMs('--for', forTime) }
  const [where, result] = [await circumstances(startedAt), await runNoop(plan)]
  if (json === true)
    console.log(
      JSON.stringify(
        { schemaVersion: 1, workload: 'noop', ...plan, ...result, machine: where.machine, commit: where.commit },
        undefined,
        2,
      ),
    )
  else console.log(noopText(plan, result))
}

/** Shorter than a run of its own: there are a dozen of them. Milliseconds. */
const TRIAL_MS = 8_000
const SPACES = 24

/** Each rate on a fresh virtual host and database of one lab. */
async function findRate(workload: string, options: Options, signal: AbortSignal, runtime: RuntimeName): Promise<void> {
  const planAt = async (rate: number) => ({ ...(await planOf(workload, { ...options, rate })), forMs: TRIAL_MS })
  const first = await planAt(options.rate ?? FIRST_RATE[workload] ?? 1)
  await using lab = await startLab(labPlanOf(first, options), { signal, runtime, spaces: SPACES })
  let trials = 0
  const { steps, highest } = await searchRate(
    { fromPerSecond: options.rate ?? FIRST_RATE[workload] ?? 1, toPerSecond: 100_000, within: 0.1 },
    async rate => {
      const plan = await planAt(rate)
      if (trials > 0) await lab.renew(labPlanOf(plan, options), signal)
      trials += 1
      const { document } = await once(lab, workload, plan, { ...options, rate }, signal)
      signal.throwIfAborted()
      say(`${rate}/s: ${document.verdict}: ${document.detail}`)
      return { held: document.verdict === 'pass', why: document.detail }
    },
  )
  if (options.json === true)
    console.log(JSON.stringify({ schemaVersion: 1, workload, highestPerSecond: highest ?? null, steps }, undefined, 2))
  else console.log(searchText(workload, steps, highest))
  process.exitCode = highest === undefined ? EXIT.unknown : EXIT.ok
}

const FIRST_RATE: Readonly<Record<string, number>> = { chat: 500, bot: 5, mixed: 500 }

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
  .argument('<WORKLOAD>', 'chat, bot, mixed, connections or noop')
  .option('--rate <PER_SECOND>', 'messages (bot: prompts) due in a second: open loop', number(0.01, 1_000_000, false))
  .option('--bot-rate <PER_SECOND>', 'mixed: prompts due in a second', number(0.01, 100_000, false))
  .option('--find-rate', 'look for the highest rate that still meets every limit, from --rate on')
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
