import type { Colours } from '../../canvas/colours.ts'
import { columnsOf, Panel, type PanelColumns, panelHeight } from '../../canvas/panel.ts'
import { ENGLISH_PANEL } from '../../canvas/panel-words.ts'
import type { ArmPicture } from '../../model/picture.ts'
import type { Answer } from '../answer.ts'

/** The picture on a canvas: a panel for each setting, side by side or one below the other. */

const GAP = 32
/** A narrower canvas has its panels one below the other. */
const BESIDE_MIN = 640

/** What does not change while the hour plays, for one answer and width. */
export interface Layout {
  width: number
  height: number
  panelWidth: number
  isBeside: boolean
  arms: [PanelColumns, PanelColumns]
}

export function layoutOf({ sides, endMs }: Answer, width: number): Layout {
  const isBeside = width >= BESIDE_MIN
  const panelWidth = isBeside ? (width - GAP) / 2 : width
  const height = panelHeight(sides[0].arm.gpus.length)
  const arms = sides.map(({ arm }) => columnsOf(arm, endMs, endMs, panelWidth)) as Layout['arms']
  return { width, height: isBeside ? height : 2 * height + GAP, panelWidth, isBeside, arms }
}

export function paint(
  context: CanvasRenderingContext2D,
  layout: Layout,
  pictures: readonly [ArmPicture, ArmPicture],
  sloMs: number,
  colours: Colours,
): void {
  const { width, height, panelWidth, isBeside } = layout
  context.fillStyle = colours.page
  context.fillRect(0, 0, width, height)
  for (const [i, picture] of pictures.entries()) {
    context.save()
    context.translate(isBeside ? i * (panelWidth + GAP) : 0, isBeside ? 0 : (i * (height + GAP)) / 2)
    new Panel(context, { width: panelWidth, colours, sloMs, words: ENGLISH_PANEL }).draw(picture, layout.arms[i]!)
    context.restore()
  }
}
