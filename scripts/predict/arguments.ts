import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Start } from '#predictor'

export interface PredictArguments {
  tasks: number
  /** One per worker. */
  serviceMs: number[]
  /** 0 = unlimited. */
  prefetchTasks: number
  start: Start | TraceFile
  /** Stretches the gaps of a trace until it offers this share of what the workers can do; undefined = the gaps as they were. */
  load: number | undefined
  /** One per worker; empty = none. */
  priority: number[]
  slots: number
  handOverMs: number
  seed: number
  json: boolean
}

/** Arrivals out of a file, which is not read yet. */
export interface TraceFile {
  kind: 'trace-file'
  path: string
}

const EXAMPLE = 'npm run predict -- --tasks 500 --service-ms 20,70 --prefetch 250 --start burst'
const DAY_MS = 86_400_000

/** Thrown for arguments that make no sense; says what was expected, what was seen and what to type. */
export class UsageError extends Error {}

/** The options, or `help`: the text that was asked for. */
export function parseArguments(args: readonly string[]): PredictArguments | { help: string } {
  let help = ''
  const command = new Command('npm run predict --')
    .description('Waits, order and shares of a work queue, from a model: no lab is started. The same arguments give the same figures.')
    .addOption(option('--tasks <N>', 'tasks published', whole('tasks', 1, 1_000_000), '500'))
    .addOption(option('--service-ms <LIST>', 'one service time per worker, in milliseconds', serviceTimes, '20,70'))
    .addOption(option('--prefetch <N>', 'tasks that the broker hands a worker unsettled; 0 = unlimited', whole('tasks', 0, 65_535), '1'))
    .addOption(
      option(
        '--start <KIND>',
        'burst = workers connected, then all tasks; backlog = tasks first; poisson:R/s = R a second; trace:FILE = arrivals of a CSV with a column TIMESTAMP first',
        start,
        'burst',
      ),
    )
    .addOption(
      option('--slots <N>', 'inferences at a time per worker; they share one GPU as the simulated ones do', whole('slots', 1, 1_000), '1'),
    )
    .addOption(option('--priority <LIST>', 'consumer priority of each worker; the highest is served first', priorities, '0'))
    .addOption(
      new Option('--load <SHARE>', 'stretches the gaps of a trace to this share of what the workers can do').argParser((text: string) =>
        isNumber(text) && Number(text) >= 0.01 && Number(text) <= 10 ? Number(text) : refuse('a share from 0.01 to 10, such as 0.8', text),
      ),
    )
    .addOption(option('--hand-over-ms <MS>', 'from the end of an inference to the next delivery', milliseconds, '0'))
    .addOption(option('--seed <N>', 'seed of the random arrivals', whole('seeds', 0, 2_147_483_647), '1'))
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
    throw new UsageError(`${error.message.replace(/^error: /, '')}\nType for example: ${EXAMPLE}\nAll options: npm run predict -- --help`)
  }
  const { prefetch, json, load, ...given } = command.opts<Omit<PredictArguments, 'prefetchTasks'> & { prefetch: number }>()
  const { priority, serviceMs } = given
  if (priority.length > 1 && priority.length !== serviceMs.length)
    throw new UsageError(
      `--priority: expected one for each of ${serviceMs.length} workers, got ${priority.length}\nAll options: npm run predict -- --help`,
    )
  if (load !== undefined && given.start.kind !== 'trace-file')
    throw new UsageError(
      `--load: expected with --start trace:FILE, got it with ${given.start.kind}\nA rate is said as: --start poisson:20/s`,
    )
  return { ...given, load, prefetchTasks: prefetch, json: json === true }
}

/** The default is written as a person would. */
function option<T>(flags: string, about: string, parse: (text: string) => T, byDefault: string): Option {
  return new Option(flags, about).argParser(parse).default(parse(byDefault), byDefault)
}

/** Commander puts the option and what it was given in front. */
const refuse = (expected: string, seen: string): never => {
  throw new InvalidArgumentError(`Expected ${expected}, got ${JSON.stringify(seen)}.`)
}

function whole(what: string, min: number, max: number) {
  return (text: string) => {
    const value = Number(text)
    return /^\d+$/.test(text) && value >= min && value <= max ? value : refuse(`a whole number of ${what} from ${min} to ${max}`, text)
  }
}

const isNumber = (text: string) => /^(\d+\.?\d*|\.\d+)$/.test(text.trim())

function serviceTimes(text: string): number[] {
  const times = text.split(',')
  const sound = times.length <= 64 && times.every(time => isNumber(time) && Number(time) >= 0.001 && Number(time) <= DAY_MS)
  return sound ? times.map(Number) : refuse('1 to 64 times from 0.001 to 86400000 joined by commas, such as 20,70', text)
}

function milliseconds(text: string): number {
  return isNumber(text) && Number(text) <= DAY_MS ? Number(text) : refuse('milliseconds from 0 to 86400000', text)
}

function priorities(text: string): number[] {
  const list = text.split(',')
  const sound = list.length <= 64 && list.every(value => /^-?\d{1,3}$/.test(value.trim()))
  return sound ? list.map(Number) : refuse('whole numbers joined by commas, such as 10,0', text)
}

function start(text: string): Start | TraceFile {
  const path = /^trace:(.+)$/.exec(text)?.[1]
  if (path !== undefined) return { kind: 'trace-file', path }
  if (text === 'burst' || text === 'backlog') return { kind: text }
  const perSecond = Number(/^poisson:([\d.]+)\/s$/.exec(text)?.[1])
  if (perSecond >= 0.001 && perSecond <= 1_000_000) return { kind: 'poisson', perSecond }
  return refuse('burst, backlog, trace:FILE, or poisson:R/s with R from 0.001 to 1000000, such as poisson:20/s', text)
}
