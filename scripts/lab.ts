/** `npm run lab:VERB`: reads the command line and prints errors; verbs are in `lab/`. */
import { Command } from 'commander'
import { DEFAULT_PLAN } from '#lab'
import { doctor } from './lab/doctor.ts'
import { logs } from './lab/logs.ts'
import { change, down } from './lab/parts.ts'
import { status } from './lab/status.ts'
import { up } from './lab/up.ts'
import { runProgram } from './setup/program.ts'
import { brokerOption, runtimeOption } from './setup/runtime.ts'

const VERBS = 'npm run lab:VERB --'
const { imNodes, gpus, workers } = DEFAULT_PLAN
const PARTS = ['rabbitmq', 'postgres', ...imNodes, ...[...gpus, ...workers].map(({ name }) => name)].join(', ')

const many = (value: string, before: string[]) => [...before, value]

const program: Command = new Command(VERBS)
  .exitOverride()
  .configureHelp({ commandUsage: command => `${command === program ? VERBS : VERBS.replace('VERB', command.name())} ${command.usage()}` })

program
  .command('up')
  .description('start the lab, or say that it runs')
  .option('--name <NAME>', 'which lab; several run side by side', 'main')
  .option('--design <DESIGN>', 'sound or article (default: sound)')
  .option('--set <NAME=VALUE>', 'a setting; PART:NAME=VALUE for one part alone; may be repeated', many, [])
  .option('--seed <N>', 'seed of every draw')
  .option('--time-scale <N>', 'divides the simulated GPU times')
  .option('--gpu <NAME=PROFILE>', 'profile of a simulated GPU; may be repeated', many, [])
  .option('--ollama <URL[=NAME]>', 'a real Ollama in place of a simulated GPU (gpu-fast first); may be repeated', many, [])
  .addOption(runtimeOption())
  .addOption(brokerOption())
  .option('--fixed-ports', 'ports that one can remember')
  .option('--no-install', 'never install a system package')
  .option('--json', 'the status as JSON on stdout')
  .action(up)
program
  .command('status')
  .description('parts, addresses, queues')
  .option('--name <NAME>', 'which lab')
  .option('--json', 'one JSON document on stdout')
  .action(status)
program.command('down').description('end the lab and remove everything it made').option('--name <NAME>', 'which lab', 'main').action(down)
program
  .command('logs')
  .description('the log of one part')
  .showHelpAfterError(`PART is one of ${PARTS}. Like this: npm run lab:logs im-a`)
  .argument('PART')
  .option('--name <NAME>', 'which lab')
  .option('-n, --lines <N>', 'how many lines', '200')
  .option('-f, --follow', 'and what comes, until Ctrl-C')
  .action(logs)
for (const [verb, text] of [
  ['stop', 'ask parts to finish (SIGTERM) and wait'],
  ['start', 'start parts again and wait until they are ready'],
  ['kill', 'end parts at once (SIGKILL)'],
  ['pause', 'freeze parts (SIGSTOP)'],
  ['resume', 'let frozen parts go on'],
  ['partition', 'cut parts off from all others; in containers'],
  ['heal', 'let parts that were cut off back'],
] as const) {
  program
    .command(verb)
    .description(text)
    .showHelpAfterError(`PART is one or several of ${PARTS}, or a group: workers, nodes, gpus. Like this: npm run lab:${verb} workers`)
    .argument('<PART...>', 'names, or workers, nodes, gpus')
    .option('--name <NAME>', 'which lab')
    .action((parts: string[], options: { name?: string }) => change(verb, parts, options))
}
program
  .command('doctor')
  .description('what is there, what is missing, how to mend it')
  .option('--name <NAME>', 'as every command of the lab has it; the machine is the same for all')
  .option('--json', 'one JSON document on stdout')
  .action(doctor)

await runProgram(program)
