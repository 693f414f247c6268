import { EXIT } from '#contracts/parts'
import { type Figures, figuresOf } from '../../scenarios/experiment/hour/figures.ts'
import { gpuLines } from '../../scenarios/experiment/hour/gpus.ts'
import type { Hour } from '../../scenarios/experiment/hour/hour.ts'
import { slowerSeconds } from '../../scenarios/experiment/hour/pace.ts'
import type { RealHour } from '../../scenarios/experiment/hour/real.ts'
import { agrees, apartPercent } from '../model/agreement.ts'
import { duration } from '../predict/text.ts'
import { contradictionOf } from './contradiction.ts'
import { type LastLines, lastLines } from './last-lines.ts'
import { type Options, realCommand, SECONDS_MAX } from './options.ts'
import { measuredLabel } from './plain.ts'

/** What is printed when the hour is over. Pure. */

type Look = Pick<LastLines, 'ink' | 'columns'>

export function predictedEnd({ seed, load }: Options, hour: Hour, look: Look = {}): string[] {
  const what = `${predictedLabel({ seed, load })}: ${hour.tasks.length} questions, the model of npm run predict`
  return [what, ...gpuLines(hour, seed), ...lastLines(titles(hour), hour.figures, look)]
}

/** `exitCode` is that of unknown where nothing follows from what was measured. */
export function measuredEnd(options: Options, done: RealHour, look: Look = {}): { lines: string[]; exitCode: number } {
  const { arms, hour, pace, gapWithinMs } = done
  const [large, one] = arms
  const figures = [figuresOf(large, hour.tasks, hour.hourMs), figuresOf(one, hour.tasks, hour.hourMs)] as const
  const between = `${pace.gapMs.toFixed(1)} ms between two answers, ${gapWithinMs.toFixed(1)} ms within the hour`
  const because = contradictionOf(hour, arms, figures)
  const seconds = slowerSeconds(hour, Math.max(pace.gapMs, gapWithinMs), pace.seconds, SECONDS_MAX)
  const unknown = because === undefined ? undefined : { because, command: realCommand(options, seconds) }
  const lines = [
    `${measuredLabel(options.seed, pace)}:`,
    `${hour.tasks.length} questions, load ${percent(options.load)}, ${between}`,
    ...gpuLines(hour, options.seed),
    ...(unknown === undefined ? [agreementText(figures, hour.figures, pace.timeScale, gapWithinMs)] : []),
    ...lastLines(titles(hour), figures, { ...look, beside: hour.figures, unknown }),
  ]
  return { lines, exitCode: unknown === undefined ? EXIT.ok : EXIT.unknown }
}

/** How far the p95 waits are from the model's, and what parts them. In 80 columns. */
function agreementText(seen: readonly [Figures, Figures], model: readonly [Figures, Figures], timeScale: number, gapMs: number): string {
  const percent = Math.max(...seen.map(({ waitMs }, arm) => apartPercent(waitMs.p95, model[arm]!.waitMs.p95)))
  if (agrees(percent)) return `model and machine agree within ${percent} % on the p95 waits`
  return `p95 waits are ${percent} % from the model's: a gap is ${duration(gapMs)} x ${Math.round(timeScale)}, ${duration(gapMs * timeScale)} of GPU time`
}

export const predictedLabel = ({ seed, load }: Pick<Options, 'seed' | 'load'>) => `predicted (seed ${seed}, load ${percent(load)})`
const percent = (share: number) => `${Math.round(100 * share)} %`
const titles = (hour: Hour) => hour.arms.map(arm => arm.title)
