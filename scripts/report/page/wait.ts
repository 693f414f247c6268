import type { RunDocument } from '#checks/run-document'
import { duration } from '../../predict/text.ts'
import { type Split, type Splits, splitsOf, waitOf } from '../model/split.ts'
import { letterOf } from '../words.ts'
import type { ArmView } from './arm-picture.ts'
import { folded, type Html, html, n, table } from './html.ts'
import { armLabel, chart, text } from './svg.ts'

/** Where the wait went: in the broker, in a worker's buffer, in front of the model server. Pure. */

interface Row {
  letter: string
  name: string
  splits: Splits
}

const PLACES = ['broker', 'buffer', 'server'] as const
const WORDS: Record<keyof Split, string> = { broker: 'in the broker', buffer: "in the worker's buffer", server: 'at the model server' }

/** Undefined where no prompt was begun. */
export function waitSection({ arms }: RunDocument, views: readonly ArmView[]): Html | undefined {
  const rows = arms.flatMap((arm, i): Row[] => {
    const splits = splitsOf(views[i]!.asked)
    return splits === undefined ? [] : [{ letter: letterOf(i), name: arm.name, splits }]
  })
  if (rows.length === 0) return undefined
  return html`<p>From asking to the first inference, as means, since only means add up: the upper bar of every prompt, the lower one of the slowest twentieth.
A dashboard of the broker sees the first part alone.</p>
<div class="legend"><ul>${PLACES.map(
    place => html`<li><svg width="18" height="18" aria-hidden="true"><rect width="18" height="18" class="at-${place}"/></svg>${WORDS[place]}</li>
`,
  )}</ul></div>
<figure>${splitChart(rows)}
${folded('Figures', splitTable(rows))}</figure>`
}

const LABEL = 20
const BAR = 13
const STEP = LABEL + 2 * (BAR + 3) + 12

function splitChart(rows: readonly Row[]): Html {
  const most = Math.max(1e-9, ...rows.map(({ splits }) => waitOf(splits.slowest)))
  const sentence = rows
    .map(({ name, splits: { all } }) => `${name} ${PLACES.map(place => `${duration(all[place])} ${WORDS[place]}`).join(', ')}`)
    .join('; ')
  return chart(
    rows.length * STEP,
    `Mean wait by place: ${sentence}`,
    rows.map((row, i) => armBars(row, i * STEP, most)),
  )
}

function armBars({ letter, name, splits: { all, slowest } }: Row, y: number, most: number): Html {
  const top = y + LABEL
  return html`<g>${armLabel(letter, name, y + 14)}${text(100, y + 14, `${duration(waitOf(all))} | ${duration(waitOf(slowest))}`, 'value', 'end')}
${stack(all, top, most)}${stack(slowest, top + BAR + 3, most)}</g>`
}

function stack(split: Split, y: number, most: number): Html {
  let x = 0
  return html`<rect x="0" width="100%" y="${y}" height="${BAR}" class="track"/>${PLACES.map(place => {
    const width = (100 * split[place]) / most
    const from = x
    x += width
    return html`<rect x="${n(from)}%" width="${n(width)}%" y="${y}" height="${BAR}" class="at-${place}"><title>${duration(split[place])} ${WORDS[place]}</title></rect>`
  })}`
}

function splitTable(rows: readonly Row[]): Html {
  return table(
    'Mean wait by place',
    [
      { head: 'arm' },
      { head: 'prompts' },
      ...PLACES.map(place => ({ head: WORDS[place], figures: true })),
      { head: 'together', figures: true },
    ],
    rows.flatMap(({ letter, splits }) =>
      (['all', 'slowest'] as const).map(which => [
        letter,
        which === 'all' ? `all ${splits.prompts}` : 'slowest twentieth',
        ...PLACES.map(place => duration(splits[which][place])),
        duration(waitOf(splits[which])),
      ]),
    ),
  )
}
