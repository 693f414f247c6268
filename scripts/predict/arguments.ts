import { Command, Option } from 'commander'
import type { PredictArguments } from '../../scenarios/predictor/described.ts'
import { numberArgument as number } from '../setup/program.ts'
import { columnsOption, fromOption, TRACE_FORMS, type TraceOptions } from '../setup/trace.ts'
import { backlogs, DAY_MS, prefetches, priorities, serviceTimes, start } from './values.ts'

const EXAMPLE = 'npm run predict -- --tasks 500 --service-ms 20,70 --prefetch 250 --start burst'
const START = `burst: workers first, then all tasks; backlog: tasks first; poisson:R/s: R a second; trace:FILE: arrivals of a trace (${TRACE_FORMS})`
const milliseconds = number(0, DAY_MS, false)

type Given = Omit<PredictArguments, 'prefetchTasks' | 'trace'> & TraceOptions & { prefetch: number[]; handOverMs?: number }

/** The command line of `predict`; `run` gets what was asked for. */
export function predictProgram(run: (asked: PredictArguments) => void | Promise<void>): Command {
  return new Command('npm run predict --')
    .exitOverride()
    .description('Predicts waits, order and shares of a work queue, without a lab. The same arguments give the same figures.')
    .option('--tasks <N>', 'tasks published; of a trace its first rows', number(1, 1_000_000, true), 500)
    .addOption(option('--service-ms <LIST>', 'one service time per worker, in milliseconds', serviceTimes, '20,70'))
    .addOption(
      option('--prefetch <LIST>', 'unacknowledged tasks of a worker, one for all or one per worker; 0 = unlimited', prefetches, '1'),
    )
    .addOption(option('--start <KIND>', START, start, 'burst'))
    .option('--slots <N>', 'inferences at a time per worker, which share its GPU', number(1, 1_000, true), 1)
    .addOption(
      option('--priority <LIST>', 'consumer priority, one for all or one per worker; the highest is served first', priorities, '0'),
    )
    .addOption(
      option('--backlog-min <LIST>', 'ready tasks from which a worker takes one, one for all or one per worker; 0 = always', backlogs, '0'),
    )
    .option('--load <SHARE>', "stretches a trace's gaps to this share of the workers' capacity", number(0.01, 10, false))
    .addOption(columnsOption())
    .addOption(fromOption())
    .option('--gap-ms <MS>', 'gap from the end of an inference to the next delivery', milliseconds, 0)
    .addOption(new Option('--hand-over-ms <MS>', 'older name of --gap-ms').argParser(milliseconds).conflicts('gapMs').hideHelp())
    .option('--seed <N>', 'seed of the random arrivals', number(0, 2_147_483_647, true), 1)
    .option('--sweep', 'compare prefetch 1, 2, 3, 5 … 250; the best has the lowest p95 wait')
    .option('--json', 'one JSON document')
    .addHelpText('after', `\nExample:\n  ${EXAMPLE}`)
    .action((given: Given, command: Command) => {
      const { prefetch, json = false, load, sweep = false, handOverMs, columns, from, ...rest } = given
      if (sweep && command.getOptionValueSource('prefetch') === 'cli')
        command.error(`--sweep: expected without --prefetch, got it with ${prefetch.join(',')}: a sweep tries its own`)
      const { length: workers } = rest.serviceMs
      for (const [flag, list] of Object.entries({ '--prefetch': prefetch, '--priority': rest.priority, '--backlog-min': rest.backlogMin }))
        if (list.length !== 1 && list.length !== workers)
          command.error(
            `${flag}: expected one for all or one for each of ${workers} workers (as many as --service-ms has), got ${list.length}: ${list.join(',')}`,
          )
      if (load !== undefined && rest.start.kind !== 'trace-file')
        command.error(`--load: expected with --start trace:FILE, got ${rest.start.kind}\nGive a rate as: --start poisson:20/s`)
      const trace = { ...(columns === undefined ? {} : { columns }), ...(from === undefined ? {} : { from }) }
      return run({ ...rest, trace, gapMs: handOverMs ?? rest.gapMs, load, prefetchTasks: prefetch, sweep, json })
    })
}

/** The default is written as a person would. */
function option<T>(flags: string, about: string, parse: (text: string) => T, byDefault: string): Option {
  return new Option(flags, about).argParser(parse).default(parse(byDefault), byDefault)
}
