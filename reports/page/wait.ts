import type { RunDocument } from '#evidence/run-document'
import { type Split, type Splits, splitsOf, waitOf } from '../model/split.ts'
import { duration } from '../predict/text.ts'
import { counted, letterOf } from '../words.ts'
import type { ArmView } from './arm-picture.ts'
import { folded, type Html, html, n, table } from './html.ts'
import { armLabel, chart, text } from './svg.ts'

/** Where the wait went: outbox, broker, worker's buffer, model server. Pure. */

interface Row {
  letter: string
  name: string
  splits: Splits
}

const PLACES = ['heldBack', 'broker', 'buffer', 'server'] as const
const WORDS: Record<keyof Split, string> = {
  heldBack: 'held back in the outbox',
  broker: 'in the broker',
  buffer: "in the worker's buffer",
  server: 'at the model server',
}

/** Undefined where no prompt was begun. @param curves what follows */
export function waitSection({ arms }: RunDocument, views: readonly ArmView[], curves: Html | undefined): Html | undefined {
  const rows = arms.flatMap((arm, i): Row[] => {
    const splits = splitsOf(views[i]!.asked)
    return splits === undefined ? [] : [{ letter: letterOf(i), name: arm.name, splits }]
  })
  if (rows.length === 0) return undefined
  const isHeldBack = rows.some(({ splits }) => splits.all.heldBack > 0)
  const places = PLACES.filter(place => place !== 'heldBack' || isHeldBack)
  return html`<p>From asking to the first inference, as means, since only means add up: the upper bar of every prompt that was begun, the lower one of the slowest twentieth of them.
A dashboard of the broker sees what is in the broker alone.${isHeldBack && ' Held back is a task that no queue knows of yet: it lies in the database until the earlier questions of its conversation have ended.'}</p>
${lossWarning(arms, views)}<div class="legend"><ul>${places.map(
    place => html`<li><svg width="18" height="18" aria-hidden="true"><rect width="18" height="18" class="at-${place}"/></svg>${WORDS[place]}</li>
`,
  )}</ul></div>
<figure>${splitChart(rows, places)}
${folded('Figures', splitTable(rows, places))}</figure>${curves}`
}

/** A mean of those who came through says nothing of those who did not. */
function lossWarning(arms: RunDocument['arms'], views: readonly ArmView[]): Html | undefined {
  const lost = arms.flatMap((arm, i) => {
    const { asked } = views[i]!
    const begun = asked.filter(({ startedMs }) => startedMs !== undefined).length
    const told = asked.filter(({ apologyMs }) => apologyMs !== undefined).length
    return begun === asked.length ? [] : [{ letter: letterOf(i), name: arm.name, begun, told, all: asked.length }]
  })
  if (lost.length === 0) return undefined
  return html`<p class="unknown"><b>Not every prompt is in these bars.</b> ${lost.map(
    ({ letter, name, begun, told, all }) =>
      html`<span class="letter">${letter}</span> ${name}: ${all - begun} of ${counted(all, 'prompt')} ${all - begun === 1 ? 'was' : 'were'} never begun${told > 0 && ` (${told} ended in an apology)`}; ${begun === 0 ? 'it has no bars' : `its bars are of the ${begun} that ${begun === 1 ? 'was' : 'were'}`}. `,
  )}Where many are missing, a short wait is that of few survivors.</p>
`
}

/** `7 of 60 prompts` where some are left out. */
function ofHowMany({ prompts, asked }: Splits): string {
  return prompts === asked ? `all ${prompts}` : `${prompts} of ${asked}`
}

const LABEL = 20
const BAR = 13
const STEP = LABEL + 2 * (BAR + 3) + 12

type Places = readonly (keyof Split)[]

function splitChart(rows: readonly Row[], places: Places): Html {
  const most = Math.max(1e-9, ...rows.map(({ splits }) => waitOf(splits.slowest)))
  const sentence = rows
    .map(
      ({ name, splits: { all, ...of } }) =>
        `${name} (${ofHowMany({ all, ...of })} prompts) ${places.map(place => `${duration(all[place])} ${WORDS[place]}`).join(', ')}`,
    )
    .join('; ')
  return chart(
    rows.length * STEP,
    `Mean wait by place: ${sentence}`,
    rows.map((row, i) => armBars(row, i * STEP, most, places)),
  )
}

function armBars({ letter, name, splits }: Row, y: number, most: number, places: Places): Html {
  const { all, slowest, prompts, asked } = splits
  const top = y + LABEL
  return html`<g>${armLabel(letter, prompts === asked ? name : `${name}: ${ofHowMany(splits)} prompts`, y + 14)}${text(100, y + 14, `${duration(waitOf(all))} | ${duration(waitOf(slowest))}`, 'value', 'end')}
${stack(all, top, most, places)}${stack(slowest, top + BAR + 3, most, places)}</g>`
}

function stack(split: Split, y: number, most: number, places: Places): Html {
  let x = 0
  return html`<rect x="0" width="100%" y="${y}" height="${BAR}" class="track"/>${places.map(place => {
    const width = (100 * split[place]) / most
    const from = x
    x += width
    return html`<rect x="${n(from)}%" width="${n(width)}%" y="${y}" height="${BAR}" class="at-${place}"><title>${duration(split[place])} ${WORDS[place]}</title></rect>`
  })}`
}

function splitTable(rows: readonly Row[], places: Places): Html {
  return table(
    'Mean wait by place',
    [
      { head: 'arm' },
      { head: 'prompts begun' },
      ...places.map(place => ({ head: WORDS[place], figures: true })),
      { head: 'together', figures: true },
    ],
    rows.flatMap(({ letter, splits }) =>
      (['all', 'slowest'] as const).map(which => [
        letter,
        which === 'all' ? ofHowMany(splits) : 'slowest twentieth',
        ...places.map(place => duration(splits[which][place])),
        duration(waitOf(splits[which])),
      ]),
    ),
  )
}
