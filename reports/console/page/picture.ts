import { quantile } from '#evidence/statistics'
import { armState } from '../../../scenarios/experiment/hour/state.ts'
import { type Colours, coloursNow } from '../../canvas/colours.ts'
import { byId } from '../../canvas/dom.ts'
import { columnsOf, Panel, panelHeight } from '../../canvas/panel.ts'
import type { Hero } from '../../model/followed.ts'
import { PATIENT_MS } from '../../model/wait-kind.ts'
import { duration } from '../../predict/text.ts'
import type { Words } from '../words/types.ts'
import type { World } from './world.ts'

/** The lab as it is, with the panel of the playground; one person in it is followed. */

const NAMES = ['Ann', 'Bea', 'Cleo', 'Dana', 'Eve', 'Fay', 'Gina', 'Hana', 'Iris', 'Jane', 'Kim', 'Lena']
/** How long an answer that began stays in view, as a share of the window. */
const LINGER_SHARE = 1 / 20
/** The panel's title: the page has its own. Pixels. */
const TITLE = 28
const SHARES = [0.5, 0.9, 0.95, 0.99]

export class Picture {
  readonly #canvas = byId('picture', HTMLCanvasElement)
  readonly #context: CanvasRenderingContext2D
  #colours: Colours = coloursNow()
  #hero: number | undefined
  #peak = 1

  constructor(onResize: () => void) {
    const context = this.#canvas.getContext('2d')
    if (context === null) throw new Error('expected a browser with a canvas')
    this.#context = context
    new ResizeObserver(onResize).observe(byId('picture-box', HTMLElement))
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colours = coloursNow()
      onResize()
    })
  }

  /** @returns what it shows, in words */
  draw(world: World, words: Words): string {
    const arm = world.arm()
    if (arm.gpus.length === 0) return ''
    const hourMs = world.windowMs
    const [width, height] = [Math.max(240, this.#canvas.parentElement?.clientWidth ?? 640), panelHeight(arm.gpus.length) - TITLE]
    this.#size(width, height)
    const state = armState(arm, hourMs)
    const columns = columnsOf(arm, hourMs, hourMs, width)
    this.#peak = Math.max(1, ...columns.waiting, ...columns.ready, state.waiting)
    const followed = this.#followed(arm, hourMs)
    this.#context.fillStyle = this.#colours.page
    this.#context.fillRect(0, 0, width, height)
    this.#context.translate(0, -TITLE)
    new Panel(this.#context, { width, colours: this.#colours, sloMs: PATIENT_MS, words: words.panel }).draw(
      { arm, state, followed, hourMs, nowMs: hourMs, peak: this.#peak },
      columns,
    )
    const held = state.gpus.reduce((sum, { holds }) => sum + holds, 0)
    const { queues } = world.known
    const told = words.picture(String(queues?.ready ?? '?'), held, state.waiting)
    this.#canvas.setAttribute('aria-label', told)
    const waits = arm.tasks.map(({ arrivedAtMs, startedAtMs = hourMs }) => startedAtMs - arrivedAtMs)
    const figures = SHARES.map(share => `p${100 * share} ${waits.length === 0 ? '' : duration(quantile(waits, share))}`).join(' · ')
    const dead = queues?.dead ? ` · ${words.dead(queues.dead)}` : ''
    byId('waits', HTMLElement).textContent = `${waits.length === 0 ? words.noWaits : words.waits(figures)}${dead}`
    return told
  }

  /** The person who waits longest, until a while after the answer began. */
  #followed({ tasks, numbers }: ReturnType<World['arm']>, nowMs: number): Hero[] {
    const at = numbers.indexOf(this.#hero ?? -1)
    const startedAtMs = tasks[at]?.startedAtMs
    if (at < 0 || (startedAtMs !== undefined && startedAtMs < nowMs * (1 - LINGER_SHARE))) {
      const longest = tasks.findIndex(({ arrivedAtMs, startedAtMs: began }) => began === undefined && nowMs - arrivedAtMs >= PATIENT_MS)
      this.#hero = longest < 0 ? undefined : numbers[longest]
    }
    const task = this.#hero === undefined ? -1 : numbers.indexOf(this.#hero)
    return task < 0 ? [] : [{ name: NAMES[(this.#hero ?? 0) % NAMES.length] ?? '', task }]
  }

  #size(width: number, height: number): void {
    const density = Math.max(1, devicePixelRatio)
    const [w, h] = [Math.round(width * density), Math.round(height * density)]
    if (this.#canvas.width !== w || this.#canvas.height !== h) {
      this.#canvas.width = w
      this.#canvas.height = h
      this.#canvas.style.height = `${height}px`
    }
    this.#context.setTransform(density, 0, 0, density, 0, 0)
  }
}
