import { Command } from 'commander'
import type { Question } from '../../scenarios/predictor/advise/question.ts'
import type { TraceFile } from '../../scenarios/predictor/described.ts'
import { DAY_MS, option, prefetches, refuse, start, time } from '../predict/values.ts'
import { numberArgument as number } from '../setup/program.ts'
import { columnsOption, fromOption, type TraceOptions } from '../setup/trace.ts'
import { type SizesGiven, sizesOf, sizesOptions } from './sizes.ts'
import { type AskedWorkers, workers } from './workers.ts'

/** The command line of `npm run advise`. */

export interface AdviseAsked {
  /** Its trace, if any, is not read yet. */
  question: Omit<Question, 'arrivals'> & {
    arrivals: Exclude<Question['arrivals'], { kind: 'trace' }> | (TraceFile & { load: number | undefined })
  }
  /** Of the arrivals, for the number of GPUs. */
  growth: number
  /** Of a card-hour, by kind. */
  costs: (number | undefined)[]
  /** How to read its trace. */
  trace: TraceOptions
  json: boolean
  /** A page is written here. */
  html: string | undefined
}

interface Given extends AskedWorkers, TraceOptions, SizesGiven {
  workers: AskedWorkers
  arrivals: Arrivals
  load?: number
  rtt: number
  gapMs: number
  slo: number
  prefetch: number[]
  growth: number
  cost?: Map<string, number>
  seed: number
  json?: boolean
  html?: string
}

type Arrivals = Exclude<Question['arrivals'], { kind: 'trace' }> | TraceFile

const EXAMPLES = `
Examples:
  npm run advise -- --workers rtx-4090,rx-7650-gre --arrivals 0.5/s
  npm run advise -- --workers 4xrtx-3060,4xl4:slots=2 --arrivals trace:day.csv --rtt 40ms --slo 10s
  npm run advise -- --workers 20s,70s --arrivals 120/h       # any workers: the mean time of a task
Cards: npm run gpus. What it means: scripts/README.md`

const BURST_MAX = 20_000
/** A price that holds for every card. */
const ANY = ''
const RATE_SECONDS = { s: 1, min: 60, h: 3_600 } as const

function arrivals(text: string): Arrivals {
  const [, figure, unit] = /^(?:poisson:)?(\d+(?:\.\d+)?)\/(s|min|h)$/.exec(text) ?? []
  const perSecond = Number(figure) / RATE_SECONDS[unit as keyof typeof RATE_SECONDS]
  if (perSecond >= 1e-5 && perSecond <= 1e5) return { kind: 'poisson', perSecond }
  const tasks = Number(/^burst:(\d+)$/.exec(text)?.[1])
  if (tasks >= 2 && tasks <= BURST_MAX) return { kind: 'burst', tasks }
  if (text.startsWith('trace:') && text.length > 'trace:'.length) return start(text) as TraceFile
  return refuse(`a rate such as 0.5/s, 30/min or 120/h; burst:N with N from 2 to ${BURST_MAX}; or trace:FILE`, text)
}

function times(text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1])
  return value >= 0.01 && value <= 1_000 ? value : refuse('times from 0.01x to 1000x, such as 2x', text)
}

function costs(text: string): Map<string, number> {
  const prices = text.split(',').map((part): [string, number] => {
    const [, name = ANY, price] = /^(?:(.+)=)?(\d+(?:\.\d+)?)$/.exec(part.trim()) ?? []
    return price === undefined
      ? refuse('a price, or NAME=PRICE joined by commas, such as rtx-4090=0.4,l4=0.7', text)
      : [name, Number(price)]
  })
  return new Map(prices)
}

export function adviseProgram(run: (asked: AdviseAsked) => void | Promise<void>): Command {
  const program = new Command('npm run advise --')
    .exitOverride()
    .description('Which prefetch to set for your workers and your load, and what people will wait. By a model, without a lab.')
    .requiredOption('--workers <LIST>', 'cards, files of calibrate, or times of a task; 4xNAME, NAME:slots=2, NAME:engine=vllm', workers)
    .requiredOption('--arrivals <KIND>', '0.5/s, 30/min, 120/h: at random; burst:N; trace:FILE: its times and sizes', arrivals)
    .option('--load <SHARE>', "stretches a trace's gaps to this share of the workers' capacity", number(0.01, 10, false))
    .addOption(columnsOption())
    .addOption(fromOption())
  for (const size of sizesOptions()) program.addOption(size)
  return program
    .addOption(option('--rtt <TIME>', 'round trip between worker and broker', time, '0ms'))
    .option(
      '--gap-ms <MS>',
      "gap from the end of an inference to the next delivery, without the link; the lab's own is about 5",
      number(0, DAY_MS, false),
      5,
    )
    .addOption(option('--slo <TIME>', 'a wait up to this is good', time, '30s'))
    .addOption(option('--prefetch <LIST>', "today's prefetch, one for all or one per worker; 0 = unlimited", prefetches, '250'))
    .addOption(option('--growth <TIMES>', 'arrivals in times of those given, for the number of GPUs that the SLO needs', times, '1x'))
    .option('--cost <LIST>', 'price of a card-hour, for all or by name: rtx-4090=0.4,l4=0.7', costs)
    .option('--seed <N>', 'seed of arrivals and lengths', number(0, 2_147_483_647, true), 1)
    .option('--html <FILE>', 'also write a page with the curves')
    .option('--json', 'one JSON document')
    .addHelpText('after', EXAMPLES)
    .action((given: Given, command: Command) => {
      const { kinds, fleet } = given.workers
      const { prefetch, load, rtt, slo, seed, gapMs } = given
      if (prefetch.length !== 1 && prefetch.length !== fleet.length)
        command.error(
          `--prefetch: expected one for all or one for each of ${fleet.length} workers, got ${prefetch.length}: ${prefetch.join(',')}`,
        )
      if (load !== undefined && given.arrivals.kind !== 'trace-file')
        command.error(`--load: expected with --arrivals trace:FILE, got ${given.arrivals.kind}`)
      if (given.growth !== 1 && given.arrivals.kind === 'burst') command.error('--growth: expected with a rate or a trace, got a burst')
      const unknown = [...(given.cost?.keys() ?? [])].find(name => name !== ANY && !kinds.some(kind => kind.name === name))
      if (unknown !== undefined)
        command.error(`--cost: expected names among ${kinds.map(({ name }) => name).join(', ')}, got ${JSON.stringify(unknown)}`)
      return run({
        question: {
          kinds,
          fleet,
          arrivals: given.arrivals.kind === 'trace-file' ? { ...given.arrivals, load } : given.arrivals,
          ...sizesOf(given, command),
          link: { rttMs: rtt, gapMs },
          sloMs: slo,
          today: fleet.map((_, worker) => prefetch[worker] ?? prefetch[0]!),
          seed,
        },
        growth: given.growth,
        costs: kinds.map(({ name }) => given.cost?.get(name) ?? given.cost?.get(ANY)),
        trace: given,
        json: given.json === true,
        html: given.html,
      })
    })
}
