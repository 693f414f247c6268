import { type Arm, heroState } from '../../scenarios/experiment/hour/state.ts'
import { apart, columnsOf, fitted } from '../../services/terminal/text.ts'
import { type Cell, laneCells, readyAt, waitingAt } from '../model/over-time.ts'
import type { ArmPicture } from '../model/picture.ts'
import { HEIGHT_OF, kindOfWait } from '../model/wait-kind.ts'
import { type Bar, barLines, bigDigits } from './bars.ts'
import { layoutOf } from './layout.ts'
import { clock, type Ink, type Style, spoken, styleOfWait } from './text.ts'

/** From this number of waiting people on, two GPUs have a crowd. */
const CROWD = 10

export interface PanelArm extends Arm {
  /** Where the figures come from: `predicted`, `measured` … */
  tag: string
}

export type PanelView = ArmPicture<PanelArm>

/** One arm at one instant: exactly `lines` lines of `width` columns. */
export function panel(view: PanelView, width: number, lines: number, ink: Ink): string[] {
  const { arm, state, nowMs, hourMs, peak } = view
  const layout = layoutOf(width, lines)
  const gap = (count: number) => Array<string>(count).fill('')
  const crowd: Style = state.waiting > CROWD ? 'gone' : 'fresh'
  const chart = (label: string, value: number, values: number[], style: Style, height: number) =>
    height === 0
      ? []
      : [
          apart(label, ink(['bold', style], String(value)), width),
          ...barLines(
            values.map(count => ({ share: count / peak, style })),
            height,
            ink,
          ),
        ]
  return [
    ink('header', apart(` ${arm.title}`, `${arm.tag} `, width)),
    ...gap(layout.gapAfterHead),
    ...figures(view, layout.digits, width, ink),
    ...gap(layout.gapAfterFigures),
    ...state.gpus.flatMap((gpu, g) => [
      ...gap(g === 0 ? 0 : layout.gapBetweenLanes),
      gauge(gpu.name, gpu.holds, peak, width, ink),
      ...barLines(laneCells(arm, g, hourMs, width, nowMs).map(laneBar), layout.lane, ink),
    ]),
    ...gap(layout.gapAfterLanes),
    ...chart('people waiting', state.waiting, waitingAt(arm, hourMs, width, nowMs), crowd, layout.waitingChart),
    ...chart(
      width < 60 ? 'messages ready' : 'messages ready: all that the dashboard shows',
      state.ready,
      readyAt(arm, hourMs, width, nowMs),
      'ready',
      layout.readyChart,
    ),
    ...gap(layout.gapAfterCharts),
    ...people(view, layout.people, width, ink),
  ].map(line => fitted(line, width))
}

/** What the dashboard says, and how long somebody has waited: the two that do not go together. */
function figures(view: PanelView, size: 'small' | 'large', width: number, ink: Ink): string[] {
  const { ready, waiting } = view.state
  const column = size === 'large' ? 36 : width < 38 ? 12 : 17
  const side = (left: string, right: string) => fitted(left, column) + right
  const told = heroFigures(view)
  const [readyDigits, waitDigits] = [bigDigits(String(ready), size), bigDigits(told.digits, size)]
  return [
    side(ink('bold', column < 17 ? 'ready' : 'messages ready'), ink('bold', told.label)),
    ...readyDigits.map((line, i) => {
      const unit = i === readyDigits.length - 1 ? ` ${told.unit}` : ''
      return side(ink('ready', line), ink(told.style, (waitDigits[i] ?? '') + unit))
    }),
    side(
      ink(
        waiting > CROWD ? ['bold', 'gone'] : 'bold',
        size === 'large' ? `${waiting} ${waiting === 1 ? 'person' : 'people'} waiting` : `${waiting} waiting`,
      ),
      size === 'large' ? told.asked + told.overtaken : told.overtaken,
    ),
  ]
}

function heroFigures({ arm, followed, nowMs }: PanelView) {
  const hero = followed.at(-1)
  const state = hero === undefined ? undefined : heroState(arm, hero.task, nowMs)
  if (hero === undefined || state === undefined)
    return { label: 'nobody waits long', digits: '-', unit: '', style: 'dim', asked: '', overtaken: '' } as const
  const { askedAtMs, waitedMs, begun, overtakenBy } = state
  const [digits, unit] =
    waitedMs >= 60_000 ? [clock(waitedMs), 'min'] : [begun ? (waitedMs / 1_000).toFixed(1) : String(Math.floor(waitedMs / 1_000)), 's']
  return {
    label: begun ? `${hero.name} waited` : `${hero.name} has been waiting`,
    digits,
    unit,
    style: styleOfWait(waitedMs),
    asked: `asked at ${clock(askedAtMs)}  `,
    overtaken: overtakenBy === 0 ? '' : `${overtakenBy} newer went first`,
  }
}

/** What a worker has fetched and does not work on. */
function gauge(name: string, holds: number, peak: number, width: number, ink: Ink): string {
  const [left, right] = [`${fitted(name, Math.max(12, columnsOf(name)))} `, ` holds ${holds}`]
  const room = Math.max(0, width - left.length - right.length - 1)
  const full = holds === 0 ? 0 : Math.max(1, Math.round((room * Math.min(holds, peak)) / peak))
  const style: Style = holds > CROWD ? 'gone' : 'fresh'
  return apart(left + ink(style, '■'.repeat(full)), holds > CROWD ? ink(['bold', style], right) : right, width)
}

/** Height by the wait of those answered; an idle GPU has its own sign, not just a colour. */
function laneBar(cell: Cell): Bar {
  if (cell.kind === 'future') return { share: 0, style: 'dim', sign: { text: '·', lines: 'lowest' } }
  if (cell.kind === 'idle') return { share: 0, style: 'dim' }
  if (cell.kind === 'stranded') return { share: 0, style: 'stranded', sign: { text: '▒', lines: 'all' } }
  const kind = kindOfWait(cell.waitMs)
  return { share: HEIGHT_OF[kind], style: kind }
}

/** What the signs of a lane mean, in one line. */
export function legend(columns: number, ink: Ink): string {
  const [fresh, late, gone, stranded] = [ink('fresh', '▄'), ink('late', '▆'), ink('gone', '█'), ink('stranded', '▒')]
  if (columns < 70) return `${fresh} < 30 s ${late} < 5 min ${gone} more ${stranded} idle${columns < 46 ? '' : ', people wait'}`
  const held = columns < 120 ? '' : `  ${ink('gone', '■')} fetched by the worker, not begun`
  return `${ink('dim', 'answers after')} ${fresh} < 30 s ${late} < 5 min ${gone} more  ${stranded} GPU idle though people wait${held}`
}

/** Those who were followed, the latest last. */
function people({ arm, followed, nowMs }: PanelView, lines: number, width: number, ink: Ink): string[] {
  if (lines === 0) return []
  const rows = followed.slice(1 - lines).flatMap(({ name, task }) => {
    const hero = heroState(arm, task, nowMs)
    if (hero === undefined) return []
    const waited = ink(styleOfWait(hero.waitedMs), `${spoken(hero.waitedMs).padStart(8)}${hero.begun ? '' : ' so far'}`)
    return [`${fitted(name, 8)}${clock(hero.askedAtMs).padStart(9)}${waited}`]
  })
  const heading = ink('dim', fitted('who'.padEnd(8) + 'asked at'.padStart(9) + 'waited'.padStart(8), width))
  return [heading, ...rows, ...Array<string>(lines - 1 - rows.length).fill('')]
}
