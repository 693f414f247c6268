import type { PanelArm } from '../../reports/demo/panel.ts'
import { longerText, measuredLabel, statusText } from '../../reports/demo/plain.ts'
import { screen } from '../../reports/demo/screen.ts'
import { inkOf } from '../../reports/demo/text.ts'
import { mostWaiting } from '../../reports/model/over-time.ts'
import type { Hour } from '../../scenarios/experiment/hour/hour.ts'
import type { RealStep } from '../../scenarios/experiment/hour/real.ts'
import { showUntil, sizeOf } from './terminal.ts'

/** The hour on a terminal. */

/** Free below the last picture for the texts and the prompt; measured hours need two more. */
const LINES_BELOW = { predicted: 10, measured: 12 }
/** A picture with fewer lines is not worth keeping. */
const KEPT_LINES_MIN = 12

/** Smooth; beside a measured lab only enough to move, since drawing takes a core. */
const FRAMES_PER_SECOND = 15
const FRAMES_PER_SECOND_REAL = 4

interface Stage {
  arms: [PanelArm, PanelArm]
  label: string
  status: string | undefined
  hint: string | undefined
}

const stageOf = ({ arms: [large, one] }: Hour, label: string): Stage => ({
  arms: [
    { ...large, tag: 'predicted' },
    { ...one, tag: 'predicted' },
  ],
  label,
  status: undefined,
  hint: 'q quits',
})

function picture(hour: Hour, stage: Stage, nowMs: number, columns: number, rows: number): string[] {
  const peak = Math.max(...hour.arms.map(arm => mostWaiting(arm, hour.hourMs)))
  return screen({ ...stage, hourMs: hour.hourMs, nowMs, peak }, columns, rows, inkOf(process.stdout.getColorDepth()))
}

/** The last picture stays in the terminal, above what is printed next. */
function keep(hour: Hour, stage: Stage, linesBelow: number): void {
  const { columns, rows } = sizeOf(process.stdout)
  if (rows - linesBelow < KEPT_LINES_MIN) return
  const still = { ...stage, status: undefined, hint: undefined }
  console.log(`${picture(hour, still, hour.hourMs, columns, rows - linesBelow).join('\n')}\n`)
}

/** The predicted hour in these seconds. Ends early when aborted or at a key. */
export async function playPredicted(hour: Hour, label: string, seconds: number, signal: AbortSignal): Promise<void> {
  const stage = stageOf(hour, label)
  const { promise: over, resolve: end } = Promise.withResolvers<'played' | 'left'>()
  const startMs = performance.now()
  const nowMs = () => Math.min(hour.hourMs, ((performance.now() - startMs) * hour.hourMs) / (1_000 * seconds))
  signal.addEventListener('abort', () => end('left'))
  const timer = setTimeout(() => end('played'), 1_000 * seconds)
  const draw = (columns: number, rows: number) => picture(hour, stage, nowMs(), columns, rows)
  const how = await showUntil({ framesPerSecond: FRAMES_PER_SECOND, draw, onLeave: () => end('left') }, over)
  clearTimeout(timer)
  if (how === 'played') keep(hour, stage, LINES_BELOW.predicted)
}

/** The hour while it is measured; the other arm's panel shows prediction or result. */
export async function playReal<T>(
  planned: Hour,
  seed: number,
  run: (onStep: (step: RealStep) => void) => Promise<T>,
  onLeave: () => void,
): Promise<T> {
  let hour = planned
  let stage = stageOf(hour, measuredLabel(seed))
  let [nowMs, sinceMs] = [0, performance.now()]
  const onStep = (step: RealStep) => {
    if (step.doing !== 'measuring') sinceMs = performance.now()
    if (step.doing === 'paced') {
      hour = step.hour
      stage = { ...stageOf(hour, measuredLabel(seed, step.pace)), status: step.again ? longerText(step.pace) : undefined }
    } else if ('measured' in step) {
      stage.status = undefined
      stage.arms[step.arm] = { ...step.measured, tag: step.doing }
      nowMs = step.nowMs
    } else stage.status = statusText(step.doing, step.title)
  }
  const draw = (columns: number, rows: number) => {
    const seconds = Math.floor((performance.now() - sinceMs) / 1_000)
    const status = stage.status === undefined ? undefined : `${stage.status} … ${seconds} s`
    return picture(hour, { ...stage, status }, nowMs, columns, rows)
  }
  const leave = () => {
    stage.status = 'stopped: the lab is cleared away'
    sinceMs = performance.now()
    onLeave()
  }
  const result = await showUntil({ framesPerSecond: FRAMES_PER_SECOND_REAL, draw, onLeave: leave }, run(onStep))
  keep(hour, stage, LINES_BELOW.measured)
  return result
}
