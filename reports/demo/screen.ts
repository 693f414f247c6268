import { heroState } from '../../scenarios/experiment/hour/state.ts'
import { apart, columnsOf, fitted } from '../../services/terminal/text.ts'
import { type Instant, picturesOf } from '../model/picture.ts'
import { LEAST_COLUMNS, leastLines } from './layout.ts'
import { legend, type PanelArm, panel } from './panel.ts'
import { clock, type Ink, spoken } from './text.ts'

/** The whole screen at one instant, predicted or measured. Pure. */

export interface Scene extends Instant<PanelArm> {
  /** "predicted" or "measured", and of what. */
  label: string
  /** What happens beside the hour: a lab that starts. Stands in place of the legend. */
  status?: string | undefined
  /** What a key does. */
  hint?: string | undefined
}

const NAME = 'PREFETCH LAB'
const TITLE = 'the same questions, the same two GPUs; only the prefetch differs'
const GUTTER = ' │ '
/** Of the hour; shorter, and the label goes. */
const BAR_COLUMNS_MIN = 6
/** Title, legend and time. */
const FRAME_LINES = 3

/** Exactly `rows` x `columns`: side by side, stacked, or in words. */
export function screen(scene: Scene, columns: number, rows: number, ink: Ink): string[] {
  const width = Math.floor((columns - GUTTER.length) / 2)
  const lines =
    width >= LEAST_COLUMNS && rows >= leastLines + FRAME_LINES
      ? split(scene, columns, rows, width, ink)
      : columns >= LEAST_COLUMNS && rows >= 2 * leastLines + FRAME_LINES
        ? stacked(scene, columns, rows, ink)
        : words(scene, ink)
  return Array.from({ length: rows }, (_, i) => fitted(lines[i] ?? '', columns))
}

function split(scene: Scene, columns: number, rows: number, width: number, ink: Ink): string[] {
  // Air around the panels where a line can be spared.
  const air = rows >= leastLines + FRAME_LINES + 8 ? [''] : []
  const lines = rows - FRAME_LINES - 2 * air.length
  const [left, right] = picturesOf(scene).map(view => panel(view, width, lines, ink))
  const body = (left ?? []).map((line, i) => `${line}${ink('dim', GUTTER)}${right?.[i] ?? ''}`)
  return [title(columns, ink), ...air, ...body, ...air, ...footer(scene, columns, ink)]
}

function stacked(scene: Scene, columns: number, rows: number, ink: Ink): string[] {
  const lines = Math.floor((rows - FRAME_LINES) / 2)
  const panels = picturesOf(scene).flatMap(view => panel(view, columns, lines, ink))
  return [title(columns, ink), ...panels, ...footer(scene, columns, ink)]
}

function title(columns: number, ink: Ink): string {
  return ink('bold', NAME) + (NAME.length + 2 + TITLE.length <= columns ? `  ${TITLE}` : '')
}

function footer(scene: Scene, columns: number, ink: Ink): [string, string] {
  const time = ` ${clock(scene.nowMs)} of ${clock(scene.hourMs)}`
  const label = scene.label.length + 2 + BAR_COLUMNS_MIN + time.length <= columns ? `${scene.label}  ` : ''
  const barWidth = Math.max(0, columns - label.length - time.length)
  const full = Math.round((barWidth * Math.min(scene.nowMs, scene.hourMs)) / scene.hourMs)
  const left = scene.status === undefined ? legend(columns, ink) : ink('bold', scene.status)
  const hint = scene.hint ?? ''
  return [
    hint !== '' && columnsOf(left) + 1 + hint.length <= columns ? apart(left, ink('dim', hint), columns) : left,
    `${ink('dim', label)}${'━'.repeat(full)}${ink('dim', '─'.repeat(barWidth - full))}${time}`,
  ]
}

/** A corner of a terminal: the sentence alone. */
function words(scene: Scene, ink: Ink): string[] {
  const arms = picturesOf(scene).flatMap(({ arm, state: { ready, waiting }, followed: heroes }) => {
    const hero = heroes.at(-1)
    const she = hero === undefined ? undefined : heroState(arm, hero.task, scene.nowMs)
    const told = she === undefined ? '' : `${hero?.name} ${she.begun ? 'waited' : 'has been waiting'} ${spoken(she.waitedMs)}.`
    return [ink('bold', arm.title), `${ready} ready, ${waiting} waiting.`, told]
  })
  return [...arms, ink('dim', `${scene.label} ${clock(scene.nowMs)}`)]
}
