import type { EventOf } from '#checks/history'
import { duration } from '../../predict/text.ts'
import type { Asked, Longest, Window } from '../model/asked.ts'
import type { Lane } from '../model/lanes.ts'
import { columnsOf, peakOf, type Step } from '../model/steps.ts'
import { type Html, html, n } from './html.ts'
import { LANE_LABEL, LANE_STEP, laneSvg, pixelMsOf } from './lanes-svg.ts'
import { type Axis, chart, FRAME, frame, percentAt, stepPath, text, timeAxis, verticalLine } from './svg.ts'

/** The picture of one arm: who waits, what the broker says of it, what the GPUs do; all on one axis of time. Pure. */

export interface ArmView {
  window: Window
  asked: Asked[]
  longest: Longest | undefined
  waiting: Step[]
  ready: Step[]
  lanes: Lane[]
  faults: EventOf<'fault'>[]
}

/** What all arms that stand beside each other share. */
export interface Shared {
  spanMs: number
  peak: number
  borders: readonly number[]
}

const COLUMNS = 500
const AREA = 76
const HEAD = 20
const FLAGS = 18
const HERO = 36

export function armSvg(view: ArmView, { spanMs, peak, borders }: Shared, name: string): Html {
  const axis: Axis = { fromMs: view.window.fromMs, spanMs }
  const flags = view.faults.length === 0 ? 0 : FLAGS
  const areaY = flags + HEAD
  const heroY = areaY + AREA + 6
  const lanesY = heroY + (view.longest === undefined ? 0 : HERO)
  const bottom = lanesY + LANE_STEP * view.lanes.length
  const pixelMs = pixelMsOf(spanMs, view.lanes.length)
  return chart(bottom + 22, armSentence(view, name), [
    timeAxis(axis, flags + 4, bottom),
    flagsSvg(view.faults, axis, bottom),
    areaSvg(view, axis, areaY, peak),
    ...view.lanes.map((lane, i) => laneSvg(lane, axis, view.window, lanesY + i * LANE_STEP, borders, pixelMs)),
    view.longest && longestSvg(view.longest, view, axis, heroY, lanesY),
  ])
}

/** What the picture shows, in a sentence. */
function armSentence({ waiting, ready, longest, lanes }: ArmView, name: string): string {
  const runs = lanes.map(lane => `${lane.name} ran ${lane.bars.length}`).join(', ')
  const hero = longest === undefined ? '' : ` ${longestText(longest)}.`
  return `${name}: up to ${peakOf(waiting)} people waited while the broker counted up to ${peakOf(ready)} messages ready; ${runs} inferences.${hero}`
}

function areaSvg({ waiting, ready, window }: ArmView, axis: Axis, y: number, peak: number): Html {
  const shown = { fromMs: axis.fromMs, toMs: window.toMs }
  const columns = Math.max(1, Math.round((COLUMNS * (window.toMs - window.fromMs)) / axis.spanMs))
  const right = n((FRAME * columns) / COLUMNS)
  // Columns of the whole axis, of which this arm fills some.
  const squeezed = (steps: readonly Step[]) =>
    stepPath(columnsOf(steps, shown, columns), peak, AREA).replace(/H[\d.]+/g, x => `H${n((Number(x.slice(1)) * columns) / COLUMNS)}`)
  const area = squeezed(waiting)
  return html`<g>${text(0, y - 7, `waiting: at most ${peakOf(waiting)}`, 'name', 'start')}${text(100, y - 7, `ready: at most ${peakOf(ready)}`, 'ready-word', 'end')}
${frame(y, AREA, [
  html`<path class="waiting" d="${area}V${AREA}H0z"/>`,
  html`<path class="waiting-edge" d="${area}"/>`,
  html`<path class="ready" d="${squeezed(ready)}"/>`,
  html`<path class="ground" d="M0 ${AREA - 0.5}H${right}"/>`,
])}</g>`
}

export function longestText({ asked, waitedMs, overtakenBy }: Longest): string {
  const newer = overtakenBy === 0 ? '' : `; ${overtakenBy} newer went first`
  return `${asked.user} waited ${duration(waitedMs)}${asked.startedMs === undefined ? ', for nothing' : ''}${newer}`
}

/** The one who waited longest: a bracket from asking to the start, and a line down to the inference. */
function longestSvg(longest: Longest, { window, lanes }: ArmView, axis: Axis, y: number, lanesY: number): Html {
  const { asked } = longest
  const endMs = asked.startedMs ?? window.toMs
  const [from, to] = [percentAt(axis, asked.askedMs), percentAt(axis, endMs)]
  const lane = asked.startedMs === undefined ? -1 : lanes.findIndex(({ bars }) => bars.some(bar => bar.fromMs === asked.startedMs))
  const line = y + 26
  const anchor = from + to > 100 ? 'end' : 'start'
  return html`<g class="longest">${text(anchor === 'start' ? from : to, y + 16, longestText(longest), 'name', clipped(anchor, from, to))}
<line x1="${n(from)}%" x2="${n(to)}%" y1="${line}" y2="${line}"/>${verticalLine(from, line - 4, line + 4, '')}${
    lane < 0 ? verticalLine(to, line - 4, line + 4, '') : verticalLine(to, line - 4, lanesY + lane * LANE_STEP + LANE_LABEL + 6, '')
  }<circle cx="${n(to)}%" cy="${lane < 0 ? line : lanesY + lane * LANE_STEP + LANE_LABEL + 6}" r="3"/></g>`
}

/** Words that begin far to the right must end there instead, and the other way round. */
function clipped(anchor: 'start' | 'end', from: number, to: number): 'start' | 'end' {
  if (anchor === 'start') return from > 45 ? 'end' : 'start'
  return to < 55 ? 'start' : 'end'
}

/** What was done to parts: numbered, told below the picture. */
function flagsSvg(faults: readonly EventOf<'fault'>[], axis: Axis, bottom: number): Html | undefined {
  if (faults.length === 0) return undefined
  return html`<g class="flags">${flagsOf(faults, axis).map(
    ({ x, words }) =>
      html`${verticalLine(x, FLAGS - 2, bottom, 'flag')}${text(x, 12, words, '', x < 3 ? 'start' : x > 97 ? 'end' : 'middle')}`,
  )}</g>`
}

/** Those that would stand on each other share a flag. */
function flagsOf(faults: readonly EventOf<'fault'>[], axis: Axis): { x: number; words: string }[] {
  const flags: { x: number; first: number; last: number }[] = []
  for (const [i, { atMs }] of faults.entries()) {
    const x = percentAt(axis, atMs)
    const near = flags.at(-1)
    if (near !== undefined && x - near.x < NEAR_PERCENT) near.last = i + 1
    else flags.push({ x, first: i + 1, last: i + 1 })
  }
  return flags.map(({ x, first, last }) => ({ x, words: first === last ? String(first) : `${first}–${last}` }))
}

const NEAR_PERCENT = 7
