/** `npm run demo`: ten seconds tell what a large prefetch does to the people who wait. Needs no lab: it runs on the predictor, and says so. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { EXIT } from '#contracts/parts'
import { demoHour, type Hour, lastLines } from './demo/hour.ts'
import { type Scene, screen } from './demo/screen.ts'
import { armState } from './demo/state.ts'
import { clock, colourInk, plainInk, spoken } from './demo/text.ts'
import { stopSignal } from './lab/stop.ts'

const HOUR_MS = 3_600_000
const FRAMES_PER_SECOND = 15
/** Lines of a run without a terminal. */
const PLAIN_LINES = 6
const ALTERNATE_SCREEN = '\x1b[?1049h\x1b[?25l'
/** q, Ctrl-C (raw mode sends no signal for it), Escape. */
const LEAVE_KEYS = ['q', '\x03', '\x1b']
const NORMAL_SCREEN = '\x1b[?25h\x1b[?1049l'

interface Options {
  seed: number
  seconds: number
  load: number
  prefetch: number
}

const number = (low: number, high: number) => (text: string) => {
  const value = Number(text)
  if (text.trim() === '' || !(value >= low && value <= high)) throw new InvalidArgumentError(`Expected a number from ${low} to ${high}.`)
  return value
}

async function demo({ seed, seconds, load, prefetch }: Options): Promise<void> {
  const hour = demoHour({ seed, load, prefetchTasks: prefetch, hourMs: HOUR_MS })
  const label = `predicted (seed ${seed}, load ${Math.round(100 * load)} %)`
  const scene: Scene = { arms: hour.arms, hero: hour.hero, hourMs: HOUR_MS, label }
  const terminal = process.stdout.isTTY === true && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined
  if (terminal) await play(scene, seconds)
  else plain(scene)
  console.log(`${lastLines(hour, spoken).join('\n')}\n${label}: the model of npm run predict, ${tasks(hour)} prompts in one hour`)
}

const tasks = (hour: Hour) => hour.arms[0].tasks.length

/** An hour in so many seconds, on the terminal's other screen; q or Ctrl-C leave early. */
async function play(scene: Scene, seconds: number): Promise<void> {
  const ink = process.env['NO_COLOR'] ? plainInk : colourInk
  const stop = stopSignal()
  const left = Promise.withResolvers<void>()
  stop.addEventListener('abort', () => left.resolve())
  const { stdin, stdout } = process
  if (stdin.isTTY) {
    stdin.setRawMode(true)
    stdin.on('data', key => {
      if (LEAVE_KEYS.some(leave => key.toString().includes(leave))) left.resolve()
    })
  }
  const startMs = performance.now()
  stdout.write(ALTERNATE_SCREEN)
  const timer = setInterval(() => {
    const nowMs = Math.min(HOUR_MS, ((performance.now() - startMs) / (1_000 * seconds)) * HOUR_MS)
    const [columns, rows] = [Math.max(60, stdout.columns), stdout.rows]
    stdout.write(`\x1b[H${screen(scene, nowMs, columns, rows, ink).slice(0, rows).join('\n')}\x1b[J`)
    if (nowMs >= HOUR_MS) left.resolve()
  }, 1_000 / FRAMES_PER_SECOND)
  try {
    await left.promise
  } finally {
    clearInterval(timer)
    if (stdin.isTTY) stdin.setRawMode(false)
    stdin.pause()
    stdout.write(NORMAL_SCREEN)
  }
}

/** The same without a terminal: a line per ten minutes and arm. */
function plain(scene: Scene): void {
  for (let i = 1; i <= PLAIN_LINES; i += 1) {
    const nowMs = (i * scene.hourMs) / PLAIN_LINES
    for (const arm of scene.arms) {
      const { ready, waiting, gpus, hero } = armState(arm, scene.hero, nowMs)
      const she =
        hero.askedAtMs === undefined
          ? ''
          : hero.begun
            ? `; ${hero.name} waited ${spoken(hero.waitedMs)}`
            : `; ${hero.name} has been waiting ${spoken(hero.waitedMs)}`
      const held = gpus.map(gpu => `${gpu.name} holds ${gpu.holds}`).join(', ')
      console.log(`${clock(nowMs)}  ${arm.title.padEnd(12)} ${ready} messages ready, ${waiting} people waiting, ${held}${she}`)
    }
  }
}

const program = new Command('npm run demo --')
  .exitOverride()
  .description('The same prompts on the same two GPUs with a large prefetch and with prefetch 1: an hour in a minute, predicted.')
  .option('--seed <N>', 'seed of every draw', number(0, 2_147_483_647), 1)
  .option('--seconds <N>', 'how long the hour takes', number(1, 3_600), 60)
  .option('--load <SHARE>', "offered work as a share of both GPUs' capacity", number(0.05, 0.95), 0.8)
  .option('--prefetch <TASKS>', 'the large one', number(2, 65_535), 250)
  .action(demo)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
}
