import type { Window } from '../model/asked.ts'
import { mergedBars, visibleSpans } from '../model/downsample.ts'
import type { Bar, Lane } from '../model/lanes.ts'
import { classOf } from '../model/scale.ts'
import { duration } from '../predict/text.ts'
import { counted } from '../words.ts'
import { type Html, html, n } from './html.ts'
import { type Axis, FRAME, frame, percentAt, rect, text } from './svg.ts'

/** The lanes of one arm. Pure. */

export const LANE_LABEL = 20
const LANE_HEIGHT = 34
const LANE_GAP = 8
export const LANE_STEP = LANE_LABEL + LANE_HEIGHT + LANE_GAP

/** A bar's share of its lane, by wait: height and colour both show it. */
const HEIGHTS = [0.34, 0.5, 0.66, 0.83, 1]
/** Pixels that an arm's picture is wide on a desk. */
const PIXELS = 700
const MARKS_MAX = 1_500
/** Of a bar, in units of the frame. */
const WIDTH_LEAST = 4
const COARSER = 1.25
/** A bar as wide as this says who it was when pointed at. Percent of the width. */
const POINTED_PERCENT = 0.6

/** Time of a pixel; coarser where that would be too many marks. */
export function pixelMsOf(spanMs: number, lanes: readonly Lane[]): number {
  const marks = (pixelMs: number) =>
    lanes.reduce(
      (sum, lane) => sum + mergedBars(lane.bars, pixelMs).length + visibleSpans(lane.stranded, pixelMs).length + lane.off.length + 1,
      0,
    )
  let pixelMs = spanMs / PIXELS
  while (marks(pixelMs) > MARKS_MAX && pixelMs < spanMs) pixelMs *= COARSER
  return pixelMs
}

export function laneSvg(lane: Lane, axis: Axis, window: Window, y: number, borders: readonly number[], pixelMs: number): Html {
  const top = y + LANE_LABEL
  const bars = mergedBars(lane.bars, pixelMs)
  const wide = (bar: Bar) => percentAt(axis, bar.toMs) - percentAt(axis, bar.fromMs) >= POINTED_PERCENT || bar.outcome === 'lost'
  const thin = bars.filter(bar => !wide(bar))
  return html`<g>${rect(axis, window, top, LANE_HEIGHT, 'track')}${visibleSpans(lane.stranded, pixelMs).map(span => rect(axis, span, top, LANE_HEIGHT, 'stranded'))}${lane.off.map(
    span => rect(axis, span, top, LANE_HEIGHT, 'off'),
  )}${frame(top, LANE_HEIGHT, thinBars(thin, axis, borders))}${bars.filter(wide).map(bar => wideBar(bar, axis, top, borders))}</g>`
}

/** Drawn after the lanes. @param lineAt of the prompt that is marked. Percent. */
export function laneLabel(lane: Lane, window: Window, y: number, lineAt: number | undefined): Html {
  const figures = laneText(lane, window)
  // Beside its name where a line comes down on the right.
  if (lineAt !== undefined && lineAt > 50)
    return html`<text x="0" y="${y + 14}"><tspan class="name">${lane.name}</tspan><tspan dx="8">${figures.brief}</tspan><tspan class="wide">${figures.more}</tspan></text>`
  return html`<g>${text(0, y + 14, lane.name, 'name', 'start')}${text(100, y + 14, figures.brief + figures.more, '', 'end')}</g>`
}

/** Thin bars of one class are one path. */
function thinBars(bars: readonly Bar[], axis: Axis, borders: readonly number[]): Html[] {
  const paths = new Map<number, string>()
  for (const bar of bars) {
    const kind = classOf(bar.waitMs, borders)
    const x = (FRAME / 100) * percentAt(axis, bar.fromMs)
    const width = Math.max(WIDTH_LEAST, (FRAME / 100) * percentAt(axis, bar.toMs) - x)
    const height = LANE_HEIGHT * heightOf(kind, borders)
    paths.set(kind, `${paths.get(kind) ?? ''}M${Math.round(x)} ${LANE_HEIGHT}v-${n(height)}h${Math.round(width)}V${LANE_HEIGHT}z`)
  }
  return [...paths].sort(([a], [b]) => a - b).map(([kind, path]) => html`<path class="w${kindName(kind, borders)}" d="${path}"/>`)
}

function wideBar(bar: Bar, axis: Axis, top: number, borders: readonly number[]): Html {
  const kind = classOf(bar.waitMs, borders)
  const height = LANE_HEIGHT * heightOf(kind, borders)
  const told = `${bar.user || 'somebody'} had waited ${duration(bar.waitMs)}; took ${duration(bar.toMs - bar.fromMs)}`
  if (bar.outcome === 'lost') return rect(axis, bar, top, LANE_HEIGHT, 'lost', `${told}, and was cut off or failed`)
  return rect(axis, bar, top + LANE_HEIGHT - height, height, `bar w${kindName(kind, borders)}`, told)
}

/** The last class has the darkest colour and the whole height, however few classes there are. */
export function kindName(kind: number, borders: readonly number[]): number {
  return borders.length === 0 ? 0 : Math.round((4 * kind) / borders.length)
}

export function heightOf(kind: number, borders: readonly number[]): number {
  return HEIGHTS[kindName(kind, borders)] ?? 1
}

function laneText(lane: Lane, { fromMs, toMs }: Window): { brief: string; more: string } {
  const busyMs = lane.bars.reduce((sum, bar) => sum + bar.toMs - bar.fromMs, 0)
  const strandedMs = lane.stranded.reduce((sum, span) => sum + span.toMs - span.fromMs, 0)
  const percent = (ms: number) => `${((100 * ms) / (toMs - fromMs)).toFixed(0)} %`
  const runs = lane.bars.length
  return { brief: `${counted(runs, 'run')}, busy ${percent(busyMs)}`, more: `, hatched ${percent(strandedMs)}` }
}
