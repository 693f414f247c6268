import type { Hour } from './hour.ts'
import { mostWaiting } from './over-time.ts'
import type { PanelArm } from './panel.ts'
import { screen } from './screen.ts'
import { showUntil, sizeOf } from './terminal.ts'
import { inkOf } from './text.ts'

/** The hour on a terminal. */

/** Kept free below the last picture: a line of air, two headings, the last lines, the shell's prompt. */
const LINES_BELOW = 7
/** A picture with fewer lines is not worth keeping. */
const KEPT_LINES_MIN = 12

const FRAMES_PER_SECOND = 15

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
function keep(hour: Hour, stage: Stage): void {
  const { columns, rows } = sizeOf(process.stdout)
  if (rows - LINES_BELOW < KEPT_LINES_MIN) return
  const still = { ...stage, status: undefined, hint: undefined }
  console.log(`${picture(hour, still, hour.hourMs, columns, rows - LINES_BELOW).join('\n')}\n`)
}

/** The predicted hour in so many seconds. Ends early when aborted or when somebody presses a key. */
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
  if (how === 'played') keep(hour, stage)
}
