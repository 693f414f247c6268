import { dot, lineY } from '@observablehq/plot'
import { GROWTH_AXES, type GrowthAxis, type GrowthDocument, type GrowthSeries } from '#evidence/growth-document'
import { key, plotted } from '../chart/plot.ts'
import { folded, type Html, html, table } from '../page/html.ts'
import { caveatList, replaySection } from '../page/limits-section.ts'
import { page } from '../page/shell.ts'
import { figure, sentence } from '../words.ts'
import {
  AXIS_WORDS,
  growthCaveats,
  growthRows,
  growthWords,
  HEADS,
  middleCostUs,
  sizeWords,
  systemWords,
  unitOf,
  verdictWords,
} from './words.ts'

/** What grows as one page: a chart for each axis, the figures, what it does not say. Pure. */
export function growthHtml(run: GrowthDocument): string {
  const { broker = '', database = '', lab = '', node = '' } = run.versions
  return page({
    title: 'load growth',
    about: 'what a message costs as nodes, users, sizes or a backlog grow',
    heading: 'growth',
    run,
    texts: [sentence(verdictWords(run))],
    small: `${run.plan.repetitions} repetitions, seed ${run.seed}`,
    sections: [
      {
        id: 'cost',
        title: 'Cost',
        inside: html`<div class="figures">${GROWTH_AXES.map(axis => axisFigure(axis, run))}</div>${folded(
          'Figures',
          table(
            'CPU by size, medians',
            HEADS.map(head => ({ head })),
            growthRows(run),
          ),
        )}`,
      },
      { id: 'limits', title: 'Limits', inside: caveatList(growthCaveats(run)) },
      {
        id: 'replay',
        title: 'Replay',
        inside: replaySection({ ...run, runtime: 'native', versions: { broker, database, lab, node } }, html`<code>run.json</code>`),
      },
    ],
  })
}

const LINES = ['line-a', 'line-b', 'line-c'] as const

/** CPU of each size, every system of the axis as a line; both axes begin where they must. */
function axisFigure(axis: GrowthAxis, { series }: GrowthDocument): Html | undefined {
  const lines = series.filter(one => one.axis === axis).map((one, i) => ({ ...one, kind: LINES[i % LINES.length]!, at: pointsOf(one) }))
  if (lines.length === 0) return undefined
  const sizes = [...new Set(lines.flatMap(({ at }) => at.map(({ size }) => size)))]
  const caption = `CPU per ${unitOf(axis)} by ${AXIS_WORDS[axis]}`
  const said = lines.map(
    one => `${systemWords(one.system)}: ${one.at.map(({ size, us }) => `${sizeWords(size)} ${figure(us)} µs`).join(', ')}`,
  )
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${key(
    lines.map(one => ({ kind: one.kind, words: `${systemWords(one.system)}: ${growthWords(one)}` })),
  )}${plotted({
    label: `${caption}. ${said.join('; ')}`,
    // Sizes grow by factors, and a backlog begins at none: each has a place of its own.
    x: { label: null, type: 'point', domain: sizes, tickFormat: sizeWords },
    y: { label: null, zero: true, grid: true, ticks: 4, tickFormat: (us: number) => `${us} µs` },
    marginLeft: 52,
    marks: lines.flatMap(({ at, kind }) => [
      lineY(at, { x: 'size', y: 'us', className: kind }),
      dot(at, { x: 'size', y: 'us', r: 3.5, className: 'effect' }),
    ]),
  })}</figure>`
}

const pointsOf = ({ points }: GrowthSeries) =>
  points.flatMap(({ size, samples }) => {
    const us = middleCostUs(samples)
    return us === undefined ? [] : [{ size, us }]
  })
