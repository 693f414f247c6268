/** `npm run load -- WORKLOAD`: a load test in its own lab, and a run folder. */
import { Command, Option } from 'commander'
import { sizesOptions } from './advise/sizes.ts'
import { BadLoad } from './load/bad-load.ts'
import { WORKLOADS } from './load/options.ts'
import { load } from './load/run.ts'
import { gpuOption, gpusOption } from './setup/gpus.ts'
import { brokerOptions } from './setup/own-broker.ts'
import { numberArgument as number, repeatable, runProgram } from './setup/program.ts'
import { runtimeOption } from './setup/runtime.ts'
import { columnsOption, fromOption, longPromptsOption, TRACE_FORMS } from './setup/trace.ts'

const program = new Command('npm run load --')
  .exitOverride()
  .description('Loads a private lab and judges each message: latency from the intended send, lost, doubled, out of order.')
  .argument('<WORKLOAD>', WORKLOADS.join(', '))
  .option('--rate <PER_SECOND>', 'open loop: messages (bot: prompts) a second', number(0.01, 1_000_000, false))
  .option('--bot-rate <PER_SECOND>', 'mixed: prompts a second', number(0.01, 100_000, false))
  .option('--find-rate', 'find the highest rate that meets every limit, from --rate on')
  .option('--closed <OUTSTANDING>', 'closed loop: messages in flight at any time', number(1, 100_000, true))
  .option('--for <DURATION>', 'how long to measure: 30s, 2m', '30s')
  .option('--warm-up <DURATION>', 'the same load first, not counted', '3s')
  .option('--users <N>', 'people (chat: an even number)', number(1, 20_000, true))
  .addOption(new Option('--pairs <WHERE>', 'chat: who writes to whom').choices(['across-nodes', 'same-node']).default('across-nodes'))
  .addOption(new Option('--arrivals <SHAPE>', 'arrivals of an open loop').choices(['poisson', 'even', 'bursts']).default('poisson'))
  .option('--bytes <N>', 'chat: length of a message', number(1, 8_000, true), 200)
  .option('--connections <N>', 'connections: number of idle connections', number(1, 19_000, true), 10_000)
  .option('--storm', 'chat: kill a node halfway and restart it', false)
  .option('--trace <FILE>', `bot: sizes and gaps of a trace, instead of a rate (${TRACE_FORMS})`)
  .addOption(columnsOption())
  .addOption(fromOption())
  .addOption(longPromptsOption(['skip', 'cut']))
  .option('--load <SHARE>', 'bot: offered work as a share of what the GPUs can answer, instead of a rate', number(0.01, 2, false))
  .option('--time-scale <N>', 'bot: divides GPU times, nothing else', number(0.01, 10_000, false), 50)
  .option('--p99-ms <MS>', 'limit of chat: p99 until the recipient sees it', number(0.1, 600_000, false), 250)
  .option('--ttft-ms <MS>', 'limit of bot: p95 until an answer starts, at time scale 1', number(1, 86_400_000, false), 20_000)
  .option('--seed <N>', 'random seed', number(0, 2_147_483_647, true), 1)
  .option('--threads <N>', 'generator threads', number(1, 64, true), 2)
  .addOption(new Option('--design <DESIGN>', 'design of the lab').choices(['sound', 'article']).default('sound'))
  .addOption(gpusOption())
  .addOption(gpuOption())
  .option('--set <NAME=VALUE>', 'a setting, or PART:NAME=VALUE for one part; repeatable', repeatable, [])
  .addOption(new Option('--engine <ENGINE>', 'load generator; k6 for chat and bot').choices(['built-in', 'k6']).default('built-in'))
  .addOption(runtimeOption())
  .addOption(
    new Option('--tamper <KIND:EVERY>', 'test of the checks: drop:10000, duplicate:10000 or swap:10000, behind the client’s repair'),
  )
  .option('--only <TARGETS>', 'peers: targets, such as 1,2,4 or 1-rows; growth: nodes, users, bytes, backlog')
  .option('--repeat <N>', 'peers, growth: repetitions of each piece; gates need 5', number(1, 50, true), 5)
  .option('--no-install', 'do not install system packages')
  .option('--json', 'one JSON document on stdout')
  .option('--junit <FILE>', 'write its checks and limits to a JUnit file')
  .action(load)
for (const size of sizesOptions()) program.addOption(size)

for (const option of brokerOptions()) program.addOption(option)

await runProgram(program, error => (error instanceof BadLoad ? `${error.code}: ${error.message}\nSee: npm run load -- --help` : undefined))
