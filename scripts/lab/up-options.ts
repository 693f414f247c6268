import type { Command } from 'commander'
import { gpuOption, gpusOption } from '../setup/gpus.ts'
import { brokerOptions } from '../setup/own-broker.ts'
import { repeatable } from '../setup/program.ts'
import { runtimeOption } from '../setup/runtime.ts'
import type { UpArguments } from './up.ts'

/** The command line of `lab:up`; `run` gets what was asked for. */
export function addUp(program: Command, run: (options: UpArguments) => Promise<void> | void): void {
  const up = program
    .command('up')
    .description('start the lab, or find it running')
    .option('--name <NAME>', 'name of the lab; several run side by side', 'main')
    .option('--design <DESIGN>', 'sound or article (default: sound)')
    .option('--set <NAME=VALUE>', 'a setting, or PART:NAME=VALUE for one part; repeatable', repeatable, [])
    .option('--seed <N>', 'random seed')
    .option('--time-scale <N>', 'divides GPU times, nothing else')
    .addOption(gpusOption())
    .addOption(gpuOption())
    .option('--ollama <URL[=NAME]>', 'a real Ollama in place of a simulated GPU (default: the first); repeatable', repeatable, [])
    .option(
      '--openai <URL[=NAME]>',
      "the same with a server of OpenAI's API: vLLM, llama.cpp, LM Studio (key: MODEL_API_KEY)",
      repeatable,
      [],
    )
    .addOption(runtimeOption())
    .option('--no-console', 'without the live page, a view of the lab in a browser')
    .option('--brokers <N>', 'nodes of RabbitMQ: 1, or 3 as one cluster of local processes', Number)
    .option('--fixed-ports', 'well-known ports, the same each time')
    .option('--no-install', 'do not install system packages')
    .option('--json', 'the status as JSON on stdout')
    .action(run)
  for (const option of brokerOptions()) up.addOption(option)
}
