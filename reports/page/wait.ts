import { barX, text } from '@observablehq/plot'
import type { RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { plotted, tick } from '../chart/plot.ts'
import { type Split, type Splits, splitsOf, waitOf } from '../model/split.ts'
import { duration } from '../predict/text.ts'
import { counted } from '../words.ts'
import type { ArmView } from './arm-picture.ts'
import { type Html, html, table } from './html.ts'
import { swatches } from './legend.ts'

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

const FILLS: Record<keyof Split, string> = {
  heldBack: 'var(--w1)',
  broker: 'var(--ready)',
  buffer: 'url(#buffer)',
  server: 'var(--server)',
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
  return html`<p>The mean wait from asking to the first inference: of all prompts that were begun, and of the slowest 5 % of them.
A dashboard of the broker shows only what waits in the broker.${isHeldBack && ' A task that is held back is in no queue yet: it waits in the database until the earlier questions of its conversation have ended.'}</p>
${lossWarning(arms, views)}${swatches(places.map(place => ({ fill: FILLS[place], words: WORDS[place] })))}
<figure class="measure split">${splitChart(rows, places)}${splitTable(rows, places)}</figure>${curves}`
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

type Places = readonly (keyof Split)[]
const STEP = 66
const AXIS = 26

function splitChart(rows: readonly Row[], places: Places): Html {
  const sentence = rows.map(({ name, splits }) => `${name} (${ofHowMany(splits)} prompts) ${told(splits.all, places)}`).join('; ')
  const whose = rows.flatMap(({ letter, splits }) =>
    (['all', 'slowest'] as const).map(of => ({ letter, of: WHOSE[of], split: splits[of], ms: waitOf(splits[of]) })),
  )
  const pieces = whose.flatMap(bar => places.map(place => ({ ...bar, ms: bar.split[place], fill: FILLS[place] })))
  const heads = rows.map(({ letter, name, splits }) => ({
    letter,
    words: `${letter} ${name}${splits.prompts === splits.asked ? '' : `: ${ofHowMany(splits)} prompts`}`,
  }))
  return plotted({
    label: `Mean wait by place: ${sentence}`,
    height: rows.length * STEP + AXIS,
    ...{ marginLeft: 74, marginRight: 56, marginTop: 20, marginBottom: AXIS },
    x: { label: null, tickFormat: (ms: number) => (ms === 0 ? '0' : tick(duration(ms))), ticks: 4, grid: true },
    y: { label: null, domain: Object.values(WHOSE), tickSize: 0, padding: 0.15 },
    color: { type: 'identity' },
    fy: { domain: rows.map(({ letter }) => letter), axis: null, padding: 0.45 },
    marks: [
      barX(pieces, { x: 'ms', y: 'of', fy: 'letter', fill: 'fill' }),
      text(whose, { x: 'ms', y: 'of', fy: 'letter', text: bar => duration(bar.ms), textAnchor: 'start', dx: 5, className: 'value' }),
      text(heads, { fy: 'letter', text: 'words', frameAnchor: 'top-left', textAnchor: 'start', dx: -74, dy: -13, className: 'name' }),
    ],
  })
}

const WHOSE = { all: 'all', slowest: 'slowest 5 %' } as const

function told(split: Split, places: Places): string {
  return places.map(place => `${duration(split[place])} ${WORDS[place]}`).join(', ')
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
        which === 'all' ? ofHowMany(splits) : WHOSE.slowest,
        ...places.map(place => duration(splits[which][place])),
        duration(waitOf(splits[which])),
      ]),
    ),
  )
}
