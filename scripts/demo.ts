/** `npm run demo`: what a large prefetch does to people, predicted; `--real` measures it. */
import { Command, Option } from 'commander'
import { gpuProfile, UnknownGpuProfile } from '#contracts/gpu-profiles'
import { measuredEnd, predictedEnd, predictedLabel } from '../reports/demo/end.ts'
import { DEFAULTS, type Options, SECONDS_MAX } from '../reports/demo/options.ts'
import { plainLines } from '../reports/demo/plain.ts'
import { inkOf } from '../reports/demo/text.ts'
import { demoHour, type HourOptions } from '../scenarios/experiment/hour/hour.ts'
import { playPredicted } from './demo/play.ts'
import { sizeOf } from './demo/terminal.ts'
import { stopSignal } from './lab/stop.ts'
import { numberArgument as number, runProgram } from './setup/program.ts'

const MINUTE_MS = 60_000
/** An hour in a minute. */
const SECONDS = 60

const terminal = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined

async function demo(options: Options): Promise<void> {
  const { seed, load, prefetch, minutes } = options
  const hour = {
    seed,
    load,
    prefetchTasks: prefetch,
    hourMs: minutes * MINUTE_MS,
    ...(options.gpus === '' ? {} : { gpus: await twoCards(options.gpus) }),
  }
  if (options.real === true) await measured(hour, options)
  else await predicted(hour, options)
}

async function predicted(asked: HourOptions, options: Options): Promise<void> {
  const { seconds = SECONDS } = options
  const hour = demoHour(asked)
  if (terminal) await playPredicted(hour, predictedLabel(options), seconds, stopSignal())
  else print(plainLines(hour.arms, hour.hourMs))
  print(predictedEnd(options, hour, look()))
}

/** Loaded on demand: the predictor's demo starts in half the time without the lab. */
async function measured(asked: HourOptions, options: Options): Promise<void> {
  const { measuredHour } = await import('./demo/measured.ts')
  const done = await measuredHour(asked, options, terminal)
  if ('error' in done) {
    console.error(done.error)
    process.exitCode = done.exitCode
    return
  }
  if (!terminal) print(plainLines(done.arms, done.hour.hourMs))
  const { lines, exitCode } = measuredEnd(options, done, look())
  process.exitCode = exitCode
  print(lines)
}

const print = (lines: readonly string[]) => console.log(lines.join('\n'))
const look = () => (terminal ? { ink: inkOf(process.stdout.getColorDepth()), columns: sizeOf(process.stdout).columns } : {})

/** Two cards in place of its own. Loaded on demand, as the lab is. */
async function twoCards(given: string): Promise<string[]> {
  const { askedGpus } = await import('./setup/gpus.ts')
  const { gpus } = askedGpus({ gpus: given, gpu: [] })
  if (gpus.length !== 2) program.error(`--gpus: expected two cards such as rtx-4090,rtx-3060, got ${JSON.stringify(given)}`)
  for (const card of gpus) gpuProfile(card)
  return gpus
}

const program = new Command('npm run demo --')
  .exitOverride()
  .description('An hour in a minute: the same prompts on the same two GPUs, with a large prefetch and with prefetch 1.')
  .option('--real', 'measure it on the lab, a minute or more per prefetch')
  .option('--seed <N>', 'random seed', number(0, 2_147_483_647, true), DEFAULTS.seed)
  .option(
    '--seconds <N>',
    'how long the hour takes (default: 60; with --real longer if this machine needs it)',
    number(1, SECONDS_MAX, false),
  )
  .option('--minutes <N>', 'length of the hour shown, in minutes', number(1, 60, false), DEFAULTS.minutes)
  .option('--load <SHARE>', "offered work as a share of the GPUs' capacity", number(0.05, 0.95, false), DEFAULTS.load)
  .option('--prefetch <TASKS>', 'the large prefetch', number(2, 65_535, true), DEFAULTS.prefetch)
  .addOption(
    new Option('--gpus <PROFILES>', 'two cards of npm run gpus in place of its own: rtx-4090,rtx-3060').default('', 'rtx-4090,rx-7650-gre'),
  )
  .option('--no-install', 'with --real: do not install system packages')
  .action(demo)

await runProgram(program, error => (error instanceof UnknownGpuProfile ? `USAGE: ${error.message}` : undefined))
