/** `npm run lab:VERB`: reads the command line and prints errors; verbs are in `lab/`. */
import { Command } from 'commander'
import { DEFAULT_PLAN } from '#lab'
import { doctor } from './lab/doctor.ts'
import { logs } from './lab/logs.ts'
import { change, down } from './lab/parts.ts'
import { status } from './lab/status.ts'
import { up } from './lab/up.ts'
import { addUp } from './lab/up-options.ts'
import { numberArgument, runProgram } from './setup/program.ts'

const VERBS = 'npm run lab:VERB --'
const { imNodes, gpus, workers } = DEFAULT_PLAN
const PARTS = ['rabbitmq', 'postgres', ...imNodes, ...[...gpus, ...workers].map(({ name }) => name)].join(', ')

const program: Command = new Command(VERBS)
  .exitOverride()
  .configureHelp({ commandUsage: command => `${command === program ? VERBS : VERBS.replace('VERB', command.name())} ${command.usage()}` })

addUp(program, up)
program
  .command('status')
  .description('print parts, addresses and queues')
  .option('--name <NAME>', 'name of the lab')
  .option('--json', 'one JSON document on stdout')
  .action(status)
program
  .command('down')
  .description('end the lab and remove everything it made')
  .option('--name <NAME>', 'name of the lab', 'main')
  .action(down)
program
  .command('logs')
  .description('print the log of one part')
  .showHelpAfterError(`PART is one of ${PARTS}. Like this: npm run lab:logs im-a`)
  .argument('PART')
  .option('--name <NAME>', 'name of the lab')
  .option('-n, --lines <N>', 'number of lines', numberArgument(0, 1_000_000, true), 200)
  .option('-f, --follow', 'keep printing, until Ctrl-C')
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
    .showHelpAfterError(
      `PART is one or several of ${PARTS}, or a group: workers, nodes, gpus, brokers. Like this: npm run lab:${verb} workers`,
    )
    .argument('<PART...>', 'names, or workers, nodes, gpus, brokers')
    .option('--name <NAME>', 'name of the lab')
    .action((parts: string[], options: { name?: string }) => change(verb, parts, options))
}
program
  .command('doctor')
  .description('check this machine: what was found, what is missing, how to fix it')
  .option('--name <NAME>', 'accepted, without effect')
  .option('--json', 'one JSON document on stdout')
  .action(doctor)

await runProgram(program)
