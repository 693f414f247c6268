import type { EventOf } from '#evidence/history'
import { type Asked, type Hero, type Window, waitEndMs } from '../model/asked.ts'
import type { Lane } from '../model/lanes.ts'
import { columnsOf, peakOf, type Step } from '../model/steps.ts'
import { duration } from '../predict/text.ts'
import { type Html, html, n } from './html.ts'
import { LANE_LABEL, LANE_STEP, laneLabel, laneSvg, pixelMsOf } from './lanes-svg.ts'
import { type Axis, chart, FRAME, frame, percentAt, stepPath, text, timeAxis, verticalLine } from './svg.ts'

/** One arm: who waits, the broker's view and the GPUs on one time axis. Pure. */

export interface ArmView {
  window: Window
  asked: Asked[]
  hero: Hero | undefined
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
/** Characters of a sentence that stand in one line on a phone. */
const PHONE_FITS = 48

export function armSvg(view: ArmView, { spanMs, peak, borders }: Shared, name: string): Html {
  const axis: Axis = { fromMs: view.window.fromMs, spanMs }
  const flags = view.faults.length === 0 ? 0 : FLAGS
  const areaY = flags + HEAD
  const heroY = areaY + AREA + 6
  const lanesY = heroY + (view.hero === undefined ? 0 : HERO)
  const bottom = lanesY + LANE_STEP * view.lanes.length
  const pixelMs = pixelMsOf(spanMs, view.lanes)
  const lineAt = view.hero && percentAt(axis, waitEndMs(view.hero.asked) ?? view.window.toMs)
  return chart(bottom + 22, armSentence(view, name), [
    timeAxis(axis, flags + 4, bottom),
    flagsSvg(view.faults, axis, bottom),
    areaSvg(view, axis, areaY, peak),
    ...view.lanes.map((lane, i) => laneSvg(lane, axis, view.window, lanesY + i * LANE_STEP, borders, pixelMs)),
    view.hero && heroSvg(view.hero, view, axis, heroY, lanesY),
    ...view.lanes.map((lane, i) => laneLabel(lane, view.window, lanesY + i * LANE_STEP, lineAt)),
  ])
}

/** What the picture shows, in a sentence. */
function armSentence({ waiting, ready, hero, lanes }: ArmView, name: string): string {
  const runs = lanes.map(lane => `${lane.name} ran ${lane.bars.length}`).join(', ')
  const marked = hero === undefined ? '' : ` ${heroText(hero)}.`
  return `${name}: up to ${peakOf(waiting)} people waited while the broker counted up to ${peakOf(ready)} messages ready; ${runs} inferences.${marked}`
}

function areaSvg({ waiting, ready, window }: ArmView, axis: Axis, y: number, peak: number): Html {
  const right = (FRAME * (window.toMs - window.fromMs)) / axis.spanMs
  const columns = Math.max(1, Math.round((COLUMNS * right) / FRAME))
  const path = (steps: readonly Step[]) => stepPath(columnsOf(steps, window, columns), peak, AREA, right)
  return html`<g>${text(0, y - 7, `up to ${peakOf(waiting)} waiting`, 'name', 'start')}${text(100, y - 7, `up to ${peakOf(ready)} ready in broker`, 'ready-word', 'end')}
${frame(y, AREA, [
  html`<path class="waiting" d="M0 ${AREA}${path(waiting)}V${AREA}"/>`,
  html`<path class="ready" d="M0 ${AREA}${path(ready)}"/>`,
  html`<path class="ground" d="M0 ${AREA - 0.5}H${n(right)}"/>`,
])}</g>`
}

export function heroText({ asked, waitedMs, overtakenBy }: Hero): string {
  const newer = overtakenBy === 0 ? '' : `; ${overtakenBy} newer went first`
  const end = asked.startedMs !== undefined ? '' : asked.apologyMs !== undefined ? ' for an apology' : ' in vain'
  return `${asked.user} waited ${duration(waitedMs)}${end}${newer}`
}

/** The marked person: a bracket from asking to start, and a line to the inference. */
function heroSvg(hero: Hero, { window, lanes }: ArmView, axis: Axis, y: number, lanesY: number): Html {
  const { asked } = hero
  const endMs = waitEndMs(asked) ?? window.toMs
  const [from, to] = [percentAt(axis, asked.askedMs), percentAt(axis, endMs)]
  const lane = asked.startedMs === undefined ? -1 : lanes.findIndex(({ bars }) => bars.some(bar => bar.fromMs === asked.startedMs))
  const line = y + 26
  // Beside the bracket; on a phone full width, since the text's width is unknown.
  const words = heroText(hero)
  const middle = (from + to) / 2
  const at =
    middle < 30
      ? { x: from, anchor: 'start' as const }
      : middle > 70
        ? { x: to, anchor: 'end' as const }
        : { x: middle, anchor: 'middle' as const }
  return html`<g class="hero">${text(at.x, y + 16, words, 'name wide', at.anchor)}${text(0, y + 16, words.length <= PHONE_FITS ? words : (words.split(';')[0] ?? ''), 'name narrow', 'start')}
<line x1="${n(from)}%" x2="${n(to)}%" y1="${line}" y2="${line}"/>${verticalLine(from, line - 4, line + 4, '')}${
    lane < 0 ? verticalLine(to, line - 4, line + 4, '') : verticalLine(to, line - 4, lanesY + lane * LANE_STEP + LANE_LABEL + 6, '')
  }<circle cx="${n(to)}%" cy="${lane < 0 ? line : lanesY + lane * LANE_STEP + LANE_LABEL + 6}" r="3"/></g>`
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
