import { type Arm, heroState } from '../../scenarios/experiment/hour/state.ts'
import { clock } from '../demo/text.ts'
import { type Cell, laneCells, readyAt, waitingAt } from '../model/over-time.ts'
import { type ArmPicture, heldWaitsMs } from '../model/picture.ts'
import { HEIGHT_OF, kindOfWait, type WaitKind } from '../model/wait-kind.ts'
import { duration } from '../predict/text.ts'
import type { Colours } from './colours.ts'
import type { PanelWords } from './panel-words.ts'

/** One arm on a canvas: what the dashboard shows and hides, a lane for each GPU, people waiting. */

const FONT = 'system-ui, sans-serif'
const HEAD = 104
const LANE = { name: 18, bar: 22, squares: 16, air: 10 }
const LANE_HEIGHT = LANE.name + LANE.bar + LANE.squares + LANE.air
const CHART = { name: 20, bars: 72 }
/** Pixels of a lane's cell and of a held task. */
const CELL = 3
const SQUARE = 6

/** The arm over time, a value for each cell. */
export interface PanelColumns {
  lanes: Cell[][]
  waiting: number[]
  ready: number[]
}

export interface PanelLooks {
  width: number
  colours: Colours
  /** A longer wait is coloured. */
  sloMs: number
  words: PanelWords
}

export const panelHeight = (gpus: number): number => HEAD + gpus * LANE_HEIGHT + CHART.name + CHART.bars + 4

export function columnsOf(arm: Arm, hourMs: number, nowMs: number, width: number): PanelColumns {
  const columns = Math.max(1, Math.floor(width / CELL))
  return {
    lanes: arm.gpus.map((_, gpu) => laneCells(arm, gpu, hourMs, columns, nowMs)),
    waiting: waitingAt(arm, hourMs, columns, nowMs),
    ready: readyAt(arm, hourMs, columns, nowMs),
  }
}

export class Panel {
  readonly #context: CanvasRenderingContext2D
  readonly #width: number
  readonly #colours: Colours
  readonly #sloMs: number
  readonly #words: PanelWords

  constructor(context: CanvasRenderingContext2D, { width, colours, sloMs, words }: PanelLooks) {
    this.#context = context
    this.#width = width
    this.#colours = colours
    this.#sloMs = sloMs
    this.#words = words
  }

  draw(picture: ArmPicture, columns: PanelColumns): void {
    this.#head(picture)
    for (const [gpu, cells] of columns.lanes.entries()) this.#lane(picture, gpu, cells, HEAD + gpu * LANE_HEIGHT)
    this.#chart(picture, columns, HEAD + columns.lanes.length * LANE_HEIGHT)
  }

  #text(text: string, x: number, y: number, font: string, colour: string, align: CanvasTextAlign = 'left', maxWidth?: number): void {
    this.#context.font = `${font} ${FONT}`
    this.#context.fillStyle = colour
    this.#context.textAlign = align
    this.#context.fillText(text, x, y, maxWidth)
  }

  /** What the dashboard shows, what it hides, and one person's wait. */
  #head({ arm, state, followed, nowMs }: ArmPicture): void {
    const { ink, soft, ready } = this.#colours
    const third = this.#width / 3
    this.#text(arm.title, 0, 17, '650 16px', ink, 'left', this.#width)
    const hidden = state.gpus.reduce((sum, { holds }) => sum + holds, 0)
    const figure = (column: number, value: string, colour: string, label: string, more: string) => {
      this.#text(value, column * third, 58, '700 32px', colour, 'left', third - 8)
      this.#text(label, column * third, 76, '13px', ink, 'left', third - 8)
      this.#text(more, column * third, 92, '12px', soft, 'left', third - 8)
    }
    figure(0, String(state.ready), ready, this.#words.ready, this.#words.asDashboards)
    figure(1, String(hidden), ink, this.#words.held, this.#words.wait(state.waiting))
    const hero = followed.at(-1)
    const she = hero === undefined ? undefined : heroState(arm, hero.task, nowMs)
    if (hero === undefined || she === undefined) figure(2, '–', soft, this.#words.nobody, this.#words.over(duration(this.#sloMs)))
    else {
      const { waitedMs, begun, overtakenBy } = she
      const value = waitedMs < 60_000 ? duration(waitedMs) : `${clock(waitedMs)} min`
      const label = begun ? this.#words.waited(hero.name) : this.#words.waits(hero.name)
      const kind = kindOfWait(waitedMs, this.#sloMs)
      figure(2, value, kind === 'fresh' ? ink : this.#colours.waits[kind], label, this.#words.overtaken(overtakenBy))
    }
  }

  #lane({ arm, state, nowMs, hourMs }: ArmPicture, gpu: number, cells: readonly Cell[], top: number): void {
    const { ink, soft, track } = this.#colours
    const held = heldWaitsMs(arm, gpu, nowMs)
    this.#text(arm.gpus[gpu] ?? '', 0, top + 13, '600 13px', ink)
    this.#text(this.#words.lane(held.length, state.gpus[gpu]?.done ?? 0), this.#width, top + 13, '12px', soft, 'right')
    const y = top + LANE.name
    this.#context.fillStyle = track
    this.#context.fillRect(0, y, this.#width, LANE.bar)
    const passed = (cells.length * nowMs) / hourMs
    // Whole pixels: no seams between cells.
    const edge = (c: number) => Math.round((c * this.#width) / cells.length)
    for (const [c, cell] of cells.entries()) if (c < passed) this.#cell(cell, edge(c), y, edge(c + 1) - edge(c))
    this.#squares(held, y + LANE.bar + 4)
  }

  #cell(cell: Cell, x: number, y: number, width: number): void {
    const context = this.#context
    if (cell.kind === 'busy') {
      const kind = kindOfWait(cell.waitMs, this.#sloMs)
      const height = LANE.bar * HEIGHT_OF[kind]
      context.fillStyle = this.#colours.waits[kind]
      context.fillRect(x, y + LANE.bar - height, width, height)
    } else if (cell.kind === 'stranded') {
      // A hatch: idle though people wait, told by shape too.
      context.strokeStyle = this.#colours.hatch
      context.lineWidth = 1.4
      context.beginPath()
      for (let line = 0; line < LANE.bar; line += 5) {
        context.moveTo(x, y + line + 4)
        context.lineTo(x + width, y + line)
      }
      context.stroke()
    }
  }

  /** A square for each held task: the longer its asker has waited, the fuller. */
  #squares(waitsMs: readonly number[], y: number): void {
    const step = SQUARE + 1
    const most = Math.floor((this.#width - 48) / step) * 2
    for (const [i, waitMs] of waitsMs.slice(0, most).entries())
      this.#square(kindOfWait(waitMs, this.#sloMs), (i >> 1) * step, y + (i % 2) * step)
    if (waitsMs.length > most) this.#text(`+${waitsMs.length - most}`, this.#width, y + 10, '12px', this.#colours.ink, 'right')
  }

  #square(kind: WaitKind, x: number, y: number): void {
    const context = this.#context
    context.strokeStyle = this.#colours.edge
    context.lineWidth = 1
    context.strokeRect(x + 0.5, y + 0.5, SQUARE - 1, SQUARE - 1)
    if (kind === 'fresh') return
    context.fillStyle = this.#colours.waits[kind]
    const height = SQUARE * HEIGHT_OF[kind]
    context.fillRect(x, y + SQUARE - height, SQUARE, height)
  }

  /** People waiting as an area, messages ready as a line, on one scale. */
  #chart({ state, nowMs, hourMs, peak }: ArmPicture, { waiting, ready }: PanelColumns, top: number): void {
    const context = this.#context
    const { ink, soft, area, edge, ready: readyColour, line } = this.#colours
    this.#text(this.#words.people(state.waiting), 0, top + 13, '600 13px', ink)
    this.#text(this.#words.line(state.ready), this.#width, top + 13, '12px', readyColour, 'right')
    const [y0, passed] = [top + CHART.name + CHART.bars, Math.min(waiting.length, Math.ceil((waiting.length * nowMs) / hourMs))]
    const x = (c: number) => (c * this.#width) / waiting.length
    const y = (count: number) => y0 - (count / peak) * CHART.bars
    const trace = (counts: readonly number[]) => {
      context.beginPath()
      context.moveTo(0, y(counts[0] ?? 0))
      for (let c = 0; c < passed; c++) {
        context.lineTo(x(c), y(counts[c]!))
        context.lineTo(x(c + 1), y(counts[c]!))
      }
    }
    trace(waiting)
    context.lineTo(x(passed), y0)
    context.lineTo(0, y0)
    context.fillStyle = area
    context.fill()
    context.strokeStyle = edge
    context.lineWidth = 1
    context.stroke()
    trace(ready)
    context.strokeStyle = readyColour
    context.lineWidth = 2.25
    context.stroke()
    context.fillStyle = line
    context.fillRect(0, y0, this.#width, 1)
    this.#text(this.#words.top(peak), 2, top + CHART.name + 10, '11px', soft)
  }
}
