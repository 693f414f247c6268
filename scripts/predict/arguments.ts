import { Command, CommanderError, Option } from 'commander'
import type { PredictArguments } from '../../scenarios/predictor/described.ts'
import { loadShare, milliseconds, prefetches, priorities, serviceTimes, start, whole } from './values.ts'

const EXAMPLE = 'npm run predict -- --tasks 500 --service-ms 20,70 --prefetch 250 --start burst'
const HELP = 'All options: npm run predict -- --help'

type Given = Omit<PredictArguments, 'prefetchTasks'> & { prefetch: number[]; handOverMs?: number }

/** Invalid arguments: expected, got, and what to type. */
export class UsageError extends Error {}

/** The options, or `help`: the text that was asked for. */
export function parseArguments(args: readonly string[]): PredictArguments | { help: string } {
  let help = ''
  const command = new Command('npm run predict --')
    .description('Predicts waits, order and shares of a work queue, without a lab. The same arguments give the same figures.')
    .addOption(option('--tasks <N>', 'tasks published', whole('tasks', 1, 1_000_000), '500'))
    .addOption(option('--service-ms <LIST>', 'one service time per worker, in milliseconds', serviceTimes, '20,70'))
    .addOption(
      option('--prefetch <LIST>', 'unacknowledged tasks of a worker, one for all or one per worker; 0 = unlimited', prefetches, '1'),
    )
    .addOption(
      option(
        '--start <KIND>',
        'burst: workers first, then all tasks; backlog: tasks first; poisson:R/s: R a second; trace:FILE: arrivals of a CSV (TIMESTAMP,ContextTokens,GeneratedTokens)',
        start,
        'burst',
      ),
    )
    .addOption(option('--slots <N>', 'inferences at a time per worker, which share its GPU', whole('slots', 1, 1_000), '1'))
    .addOption(
      option('--priority <LIST>', 'consumer priority, one for all or one per worker; the highest is served first', priorities, '0'),
    )
    .addOption(new Option('--load <SHARE>', "stretches a trace's gaps to this share of the workers' capacity").argParser(loadShare))
    .addOption(option('--gap-ms <MS>', 'gap from the end of an inference to the next delivery', milliseconds, '0'))
    .addOption(new Option('--hand-over-ms <MS>', 'older name of --gap-ms').argParser(milliseconds).conflicts('gapMs').hideHelp())
    .addOption(option('--seed <N>', 'seed of the random arrivals', whole('seeds', 0, 2_147_483_647), '1'))
    .option('--sweep', 'compare prefetch 1, 2, 3, 5 … 250; the best has the lowest p95 wait')
    .option('--json', 'one JSON document')
    .addHelpText('after', `\nExample:\n  ${EXAMPLE}`)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: text => (help += text), writeErr: () => {} })
    .exitOverride()
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { help: help.trimEnd() }
    throw new UsageError(`${error.message.replace(/^error: /, '')}\nType for example: ${EXAMPLE}\n${HELP}`)
  }
  const { prefetch, json, load, sweep, handOverMs, ...given } = command.opts<Given>()
  if (sweep === true && command.getOptionValueSource('prefetch') === 'cli')
    throw new UsageError(`--sweep: expected without --prefetch, got it with ${prefetch.join(',')}: a sweep tries its own\n${HELP}`)
  fitting('--prefetch', prefetch, given.serviceMs)
  fitting('--priority', given.priority, given.serviceMs)
  if (load !== undefined && given.start.kind !== 'trace-file')
    throw new UsageError(`--load: expected with --start trace:FILE, got ${given.start.kind}\nGive a rate as: --start poisson:20/s`)
  return { ...given, gapMs: handOverMs ?? given.gapMs, load, prefetchTasks: prefetch, sweep: sweep === true, json: json === true }
}

function fitting(flag: string, list: readonly number[], { length: workers }: readonly number[]): void {
  if (list.length === 1 || list.length === workers) return
  throw new UsageError(
    `${flag}: expected one for all or one for each of ${workers} workers (as many as --service-ms has), got ${list.length}: ${list.join(',')}\n${HELP}`,
  )
}

/** The default is written as a person would. */
function option<T>(flags: string, about: string, parse: (text: string) => T, byDefault: string): Option {
  return new Option(flags, about).argParser(parse).default(parse(byDefault), byDefault)
}
