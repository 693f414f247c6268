/** `npm run demo`: ten seconds tell what a large prefetch does to the people who wait. Needs no lab: it runs on the predictor, and says so. With `--real` the same
 *  hour runs on the lab, and is measured. */
import { Command } from 'commander'
import { figuresOf, lastLines } from './demo/figures.ts'
import { demoHour, type Hour, type HourOptions } from './demo/hour.ts'
import { measuredLabel, plainLines } from './demo/plain.ts'
import { playPredicted } from './demo/play.ts'
import { sizeOf } from './demo/terminal.ts'
import { inkOf } from './demo/text.ts'
import { stopSignal } from './lab/stop.ts'
import { numberArgument as number, runProgram } from './setup/program.ts'

const MINUTE_MS = 60_000
/** An hour in a minute. */
const SECONDS = 60

interface Options {
  seed: number
  seconds?: number
  minutes: number
  load: number
  prefetch: number
  real?: boolean
  install: boolean
}

const terminal = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined

async function demo(options: Options): Promise<void> {
  const { seed, load, prefetch, minutes } = options
  const hour = { seed, load, prefetchTasks: prefetch, hourMs: minutes * MINUTE_MS }
  if (options.real === true) await measured(hour, options)
  else await predicted(hour, options)
}

async function predicted(options: HourOptions, { seconds = SECONDS }: Options): Promise<void> {
  const hour = demoHour(options)
  const label = `predicted (seed ${options.seed}, load ${percent(options.load)})`
  if (terminal) await playPredicted(hour, label, seconds, stopSignal())
  else print(plainLines(hour.arms, hour.hourMs))
  print([`${label}: ${hour.tasks.length} questions, the model of npm run predict`, ...ending(hour, hour.figures)])
}

/** Loaded only when it is asked for: the other way starts in half the time without the lab's packages. */
async function measured(options: HourOptions, { seconds, install }: Options): Promise<void> {
  const { measuredHour } = await import('./demo/measured.ts')
  const done = await measuredHour(options, { seconds, install, terminal })
  if ('error' in done) {
    console.error(done.error)
    process.exitCode = done.exitCode
    return
  }
  const { arms, hour, pace, handOverWithinMs } = done
  if (!terminal) print(plainLines(arms, hour.hourMs))
  const [large, one] = arms
  const figures = [figuresOf(large, hour.tasks, hour.hourMs), figuresOf(one, hour.tasks, hour.hourMs)] as const
  const between = `${pace.handOverMs.toFixed(1)} ms between two answers, ${handOverWithinMs.toFixed(1)} ms within the hour`
  const of = `${hour.tasks.length} questions, load ${percent(options.load)}, ${between}`
  print([`${measuredLabel(options.seed, pace)}:`, of, ...ending(hour, figures, hour.figures)])
}

const percent = (share: number) => `${Math.round(100 * share)} %`
const print = (lines: readonly string[]) => console.log(lines.join('\n'))
const ending = (hour: Hour, figures: Parameters<typeof lastLines>[1], beside?: Hour['figures']) =>
  lastLines(
    hour.arms.map(arm => arm.title),
    figures,
    { beside, ...(terminal ? { ink: inkOf(process.stdout.getColorDepth()), columns: sizeOf(process.stdout).columns } : {}) },
  )

const program = new Command('npm run demo --')
  .exitOverride()
  .description('The same prompts on the same two GPUs with a large prefetch and with prefetch 1: an hour in a minute.')
  .option('--real', 'measured on the lab instead of predicted: a minute per prefetch')
  .option('--seed <N>', 'seed of every draw', number(0, 2_147_483_647, true), 1)
  .option('--seconds <N>', 'how long the hour takes (default: 60; with --real longer if this machine needs it)', number(1, 3_600, false))
  .option('--minutes <N>', 'how much of the hour there is', number(1, 60, false), 60)
  .option('--load <SHARE>', "offered work as a share of both GPUs' capacity", number(0.05, 0.95, false), 0.8)
  .option('--prefetch <TASKS>', 'the large one', number(2, 65_535, true), 250)
  .option('--no-install', 'with --real: never install a system package')
  .action(demo)

await runProgram(program)
