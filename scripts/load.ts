/** `npm run load -- WORKLOAD`: a load test in its own lab, and a run folder. */
import { Command, Option } from 'commander'
import { BadLoad, WORKLOADS } from './load/options.ts'
import { load } from './load/run.ts'
import { numberArgument as number, runProgram } from './setup/program.ts'
import { brokerOption, runtimeOption } from './setup/runtime.ts'

const collect = (value: string, before: string[]) => [...before, value]

const program = new Command('npm run load --')
  .exitOverride()
  .description('Loads a lab of its own and judges every message: latency from the intended send, what was lost, doubled or out of order.')
  .argument('<WORKLOAD>', WORKLOADS.join(', '))
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
  .addOption(new Option('--engine <ENGINE>', 'chat and bot: who generates the load').choices(['built-in', 'k6']).default('built-in'))
  .addOption(runtimeOption())
  .addOption(brokerOption())
  .addOption(
    new Option('--tamper <KIND:EVERY>', 'test of the checks: drop:10000, duplicate:10000 or swap:10000, behind the client’s repair'),
  )
  .option('--no-install', 'never install a system package')
  .option('--json', 'one JSON document on stdout')
  .action(load)

await runProgram(program, error => (error instanceof BadLoad ? `${error.code}: ${error.message}` : undefined))
