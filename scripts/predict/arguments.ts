import { Command, Option } from 'commander'
import type { PredictArguments } from '../../scenarios/predictor/described.ts'
import { type SizesGiven, sizesOf, sizesOptions } from '../advise/sizes.ts'
import { type AskedWorkers, workers } from '../advise/workers.ts'
import { numberArgument as number } from '../setup/program.ts'
import { columnsOption, fromOption, longPromptsOption, TRACE_FORMS, type TraceOptions } from '../setup/trace.ts'
import { backlogs, DAY_MS, option, prefetches, priorities, serviceTimes, slots, start, time } from './values.ts'

const EXAMPLE = 'npm run predict -- --tasks 500 --service-ms 20,70 --prefetch 250 --start burst'
const START = `burst: workers first, then all tasks; backlog: tasks first; poisson:R/s: R a second; trace:FILE: arrivals of a trace (${TRACE_FORMS})`
const milliseconds = number(0, DAY_MS, false)

interface Given extends Omit<PredictArguments, 'prefetchTasks' | 'trace' | 'gpus' | 'consumerTimeoutMs'>, TraceOptions, SizesGiven {
  prefetch: number[]
  handOverMs?: number
  consumerTimeout: number
  gpus?: AskedWorkers
  /** The same, for those who write it so. */
  gpu?: AskedWorkers
}

/** The command line of `predict`; `run` gets what was asked for. */
export function predictProgram(run: (asked: PredictArguments) => void | Promise<void>): Command {
  const program = new Command('npm run predict --')
    .exitOverride()
    .description('Predicts waits, order and shares of a work queue, without a lab. The same arguments give the same figures.')
    .option('--tasks <N>', 'tasks published; of a trace its first rows', number(1, 1_000_000, true), 500)
    .addOption(option('--service-ms <LIST>', 'one service time per worker, in milliseconds', serviceTimes, '20,70'))
    .addOption(
      new Option('--gpus <LIST>', 'your GPUs instead of times, as in advise --workers: rtx-4090,2xrtx-3060:slots=2')
        .argParser(workers)
        .conflicts(['serviceMs', 'slots']),
    )
    .addOption(new Option('--gpu <LIST>').argParser(workers).conflicts(['serviceMs', 'slots', 'gpus']).hideHelp())
  for (const size of sizesOptions()) program.addOption(size)
  return program
    .addOption(
      option('--prefetch <LIST>', 'unacknowledged tasks of a worker, one for all or one per worker; 0 = unlimited', prefetches, '1'),
    )
    .addOption(option('--start <KIND>', START, start, 'burst'))
    .addOption(option('--slots <LIST>', 'inferences at a time per worker, which share its GPU; one for all or one per worker', slots, '1'))
    .addOption(
      option('--priority <LIST>', 'consumer priority, one for all or one per worker; the highest is served first', priorities, '0'),
    )
    .addOption(
      option('--backlog-min <LIST>', 'ready tasks from which a worker takes one, one for all or one per worker; 0 = always', backlogs, '0'),
    )
    .option('--load <SHARE>', "stretches a trace's gaps to this share of the workers' capacity", number(0.01, 10, false))
    .addOption(columnsOption())
    .addOption(fromOption())
    .addOption(longPromptsOption(['keep', 'skip', 'cut']))
    .option('--gap-ms <MS>', 'gap from the end of an inference to the next delivery', milliseconds, 0)
    .addOption(new Option('--hand-over-ms <MS>', 'older name of --gap-ms').argParser(milliseconds).conflicts('gapMs').hideHelp())
    .addOption(option('--consumer-timeout <TIME>', 'warn of tasks that a worker holds for longer', time, '30m'))
    .option('--seed <N>', 'seed of the random arrivals', number(0, 2_147_483_647, true), 1)
    .option('--sweep', 'compare prefetch 1, 2, 3, 5 … 250; the best has the lowest p95 wait')
    .option('--json', 'one JSON document')
    .addHelpText('after', `\nExample:\n  ${EXAMPLE}`)
    .action((given: Given, command: Command) => {
      const { prefetch, json = false, load, sweep = false, handOverMs, columns, from, longPrompts, consumerTimeout, ...rest } = given
      if (sweep && command.getOptionValueSource('prefetch') === 'cli')
        command.error(`--sweep: expected without --prefetch, got it with ${prefetch.join(',')}: a sweep tries its own`)
      const asked = gpusOf(given, command)
      const workers = asked === undefined ? rest.serviceMs.length : asked.fleet.length
      const { slots, priority, backlogMin } = rest
      for (const [flag, list] of Object.entries({
        '--slots': slots,
        '--prefetch': prefetch,
        '--priority': priority,
        '--backlog-min': backlogMin,
      }))
        if (list.length !== 1 && list.length !== workers)
          command.error(
            `${flag}: expected one for all or one for each of ${workers} workers (as many as ${asked === undefined ? '--service-ms' : '--gpus'} has), got ${list.length}: ${list.join(',')}`,
          )
      if (load !== undefined && rest.start.kind !== 'trace-file')
        command.error(`--load: expected with --start trace:FILE, got ${rest.start.kind}\nGive a rate as: --start poisson:20/s`)
      const trace = {
        ...(columns === undefined ? {} : { columns }),
        ...(from === undefined ? {} : { from }),
        ...(longPrompts === 'keep' ? {} : { longPrompts }),
      }
      return run({
        ...rest,
        gpus: asked,
        consumerTimeoutMs: consumerTimeout,
        trace,
        gapMs: handOverMs ?? rest.gapMs,
        load,
        prefetchTasks: prefetch,
        sweep,
        json,
      })
    })
}

/** Ends the command where lengths are of no use. */
function gpusOf(given: Given, command: Command): PredictArguments['gpus'] {
  const asked = given.gpus ?? given.gpu
  const sized = sizesOptions().find(option => command.getOptionValueSource(option.attributeName()) === 'cli')
  if (sized !== undefined && asked === undefined)
    command.error(`${sized.long}: expected with --gpus, got --service-ms ${given.serviceMs.join(',')}: the times are given`)
  if (sized !== undefined && sized.long !== '--model' && given.start.kind === 'trace-file')
    command.error(`${sized.long}: expected without a trace, which has its own lengths`)
  return asked === undefined ? undefined : { ...asked, ...sizesOf(given, command) }
}
