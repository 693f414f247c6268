import { dot, ruleX, ruleY } from '@observablehq/plot'
import { curveFigure } from '../chart/curve.ts'
import { key, plotted } from '../chart/plot.ts'
import { folded, type Html, html, table } from '../page/html.ts'
import { navigation, type Section, sectionsOf, shell } from '../page/shell.ts'
import { figure } from '../words.ts'
import type { CompareDocument, Comparison, Row } from './document.ts'
import { effectText, fromToText, intervalText, isChange, nothingDiffers, verdictSentence } from './words.ts'

/** A comparison as a page of its own: verdict, intervals, what differs, curves over each other, method. Pure. */

const TINTS = { improved: 'pass', regressed: 'fail', mixed: 'unknown', 'too noisy': 'unknown', 'no detectable change': 'neutral' } as const
const SIGNS = { improved: '✓', regressed: '✕', mixed: '±', 'too noisy': '?', 'no detectable change': '=' } as const
const KINDS = { improved: 'improved', regressed: 'regressed', 'no detectable change': 'same', 'too noisy': 'noisy' } as const

export function comparePage(document: CompareDocument, method: readonly string[]): string {
  const { verdict, sides } = document
  const sections: Section[] = [
    { id: 'effects', title: 'How much', inside: effects(document) },
    { id: 'differs', title: 'What differs', inside: differences(document) },
    { id: 'curves', title: 'All values', inside: curves(document) },
    { id: 'method', title: 'Method', inside: html`<ul class="limits">${method.map(line => html`<li>${line}</li>`)}</ul>` },
    { id: 'again', title: 'Again', inside: html`<pre tabindex="0"><code>${document.command}</code></pre>` },
  ]
  return shell(
    `${verdict.toUpperCase()} ${document.subject}`,
    html`<header>
<p class="kicker">Prefetch Lab <span aria-hidden="true">·</span> runs compared</p>
<h1>${document.subject}</h1>
<div class="verdict ${TINTS[verdict]}"><p class="word"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict.toUpperCase()}</p>
<div><p>${verdictSentence(document)}</p></div></div>
<ul class="sides">${sides.map(
      ({
        letter,
        label,
        runs,
      }) => html`<li><span class="letter">${letter}</span> ${label}${runs.length > 1 && html`<span class="small">: ${runs.join(', ')}</span>`}</li>
`,
    )}</ul>
${navigation(sections)}</header>${sectionsOf(sections)}`,
  )
}

function effects({ comparisons, sides, method }: CompareDocument): Html {
  return html`<p>Each dot is an effect: how many times the figure of A the other side has. The bar is where it may lie, with ${method.confidencePercent} % confidence for all ${method.rows} figures together. A bar that holds × 1 shows no change.</p>
${key([
  { kind: 'interval improved', words: 'improved' },
  { kind: 'interval regressed', words: 'regressed' },
  { kind: 'interval', words: 'no detectable change' },
  { kind: 'interval noisy', words: 'too noisy' },
])}
${comparisons.map(
  each => html`<figure class="plotted-figure"><figcaption>${headingOf(each, sides)}</figcaption>
${each.rows.length > 0 && intervalChart(each)}${effectTable(each, sides)}
${each.checks.length > 0 && html`<p class="small">Checks that say something else: ${each.checks.map(({ name, from, to }) => `${name} ${from} → ${to}`).join('; ')}.</p>`}</figure>`,
)}`
}

function headingOf({ arm, side }: Comparison, sides: CompareDocument['sides']): string {
  return sides.length > 2 ? `${arm}, ${sides[0]!.letter} → ${sides[side]!.letter}` : arm
}

const ROW = 30

function intervalChart({ arm, rows }: Comparison): Html {
  const points = rows.map(row => ({
    label: row.label,
    kind: KINDS[row.verdict],
    ratio: ratio(row.effectPercent),
    low: ratio(row.intervalPercent[0]),
    high: ratio(row.intervalPercent[1]),
  }))
  const kinds = [...new Set(points.map(({ kind }) => kind))]
  return plotted({
    label: `${arm}: ${rows.map(row => `${row.label} ${effectText(row)}, interval ${intervalText(row)}, ${row.verdict}`).join('; ')}`,
    height: 34 + ROW * rows.length,
    marginLeft: 142,
    marginTop: 6,
    marginBottom: 26,
    x: { type: 'log', label: null, grid: true, ticks: ticksOf(points), tickFormat: (value: number) => `× ${figure(value)}` },
    y: { label: null, domain: rows.map(({ label }) => label), tickSize: 0 },
    marks: [
      ruleX([1], { className: 'no-change' }),
      ...kinds.map(kind =>
        ruleY(
          points.filter(point => point.kind === kind),
          { x1: 'low', x2: 'high', y: 'label', className: `interval ${kind}` },
        ),
      ),
      dot(points, { x: 'ratio', y: 'label', r: 4.5, className: 'effect' }),
    ],
  })
}

const ratio = (percent: number) => 1 + percent / 100

const TICKS = [0.001, 0.01, 0.1, 0.2, 0.5, 0.8, 1, 1.25, 2, 5, 10, 100, 1_000]
/** More stand on each other on a phone. */
const TICKS_MOST = 5

/** Around no change at all; of those that there is room for, the farthest. */
function ticksOf(points: readonly { low: number; high: number }[]): number[] {
  const [low, high] = [Math.min(...points.map(each => each.low)), Math.max(...points.map(each => each.high))]
  const within = TICKS.filter(tick => tick >= low && tick <= high)
  const far = within.filter(tick => Number.isInteger(Math.log10(tick)))
  if (within.length <= TICKS_MOST) return within
  return far.length >= 3 ? far : within.filter(tick => [0.1, 0.5, 1, 2, 5, 10].includes(tick))
}

function effectTable(comparison: Comparison, sides: CompareDocument['sides']): Html {
  const figures = ['effect', '95 % interval', 'from → to'].map(head => ({ head, figures: true }))
  return html`<div class="effects">${table(
    `Effects, ${headingOf(comparison, sides)}`,
    [{ head: 'measure' }, { head: 'verdict' }, ...figures],
    comparison.rows.map(row => {
      const [percent, factor] = effectText(row).split(', ')
      return [
        html`${row.label}<span class="what">${row.about}; ${samplesText(row)}</span>`,
        html`<span class="change ${KINDS[row.verdict]}">${row.verdict}</span>${row.detail !== '' && html`<span class="what">${row.detail}</span>`}`,
        html`${percent}${factor !== undefined && html`<span class="what">${factor}</span>`}`,
        intervalText(row),
        fromToText(row),
      ]
    }),
  )}</div>`
}

function samplesText({ samples: [from, to], runs: [a, b], verdict, better }: Row): string {
  const direction = isChange(verdict) ? `${better} is better; ` : ''
  return `${direction}${from} and ${to} samples in ${a} and ${b} ${a + b === 2 ? 'run' : 'runs'}`
}

function differences({ differs, comparisons, sides }: CompareDocument): Html {
  const told = new Set(differs.map(({ name }) => name))
  const own = comparisons.flatMap(({ arm, side, differs: list }) =>
    list.filter(({ name }) => !told.has(name)).map(each => [arm, each.name, each.from, each.to, side] as const),
  )
  return html`${
    differs.length === 0
      ? html`<p>In every arm: ${nothingDiffers(sides)}.</p>`
      : table(
          'In every arm that is compared',
          [{ head: 'setting' }, ...sides.map(({ letter }) => ({ head: letter }))],
          differs.map(({ name, values }) => [name, ...values]),
        )
  }${
    own.length > 0 &&
    folded(
      'And in single arms',
      table(
        'In single arms',
        [{ head: 'arm' }, { head: 'setting' }, { head: 'from' }, { head: 'to' }],
        own.map(([arm, name, from, to]) => [arm, name, from, to]),
      ),
    )
  }`
}

function curves({ comparisons, sides }: CompareDocument): Html | undefined {
  const figures = comparisons.flatMap(each =>
    each.curves.map(curve =>
      curveFigure(
        `${headingOf(each, sides)}: ${curve.label}`,
        curve.sides.map(({ label, values }, i) => ({ name: label, kind: i === 0 ? 'line-a' : 'line-b', values })),
      ),
    ),
  )
  return figures.length === 0
    ? undefined
    : html`<p>The share of all values up to each length; where one curve lies to the right, its side took longer. The dotted line is at 95 %.</p><div class="figures">${figures}</div>`
}
