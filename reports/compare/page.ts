import { dot, ruleX, ruleY } from '@observablehq/plot'
import { curveFigure } from '../chart/curve.ts'
import { plotted, tick } from '../chart/plot.ts'
import { type Html, html, table } from '../page/html.ts'
import { navigation, sectionsOf, shell } from '../page/shell.ts'
import { sentence as asSentence } from '../words.ts'
import { type CompareDocument, type Comparison, NO_FIGURE, notesOf, nothingDiffers, sideText } from './document.ts'
import { type Row, ratioText } from './rows.ts'

/** A comparison as a page: verdict, intervals, differing settings, curves, method. Pure. */

const TINTS = { improved: 'pass', regressed: 'fail', mixed: 'unknown', 'too noisy': 'unknown', 'no detectable change': 'neutral' } as const
const SIGNS = { improved: '✓', regressed: '✕', mixed: '±', 'too noisy': '?', 'no detectable change': '?' } as const

const EFFECTS =
  "Each dot is an effect: the other side's figure divided by that of A. The bar is where it may lie, all of them together with 95 % confidence: green better, red worse, broken too noisy. A bar that holds 0 % cannot tell."

export function comparePage(document: CompareDocument): string {
  const { verdict, word, subject, sentence, sides, differs, comparisons, command, method } = document
  const sections = [
    { id: 'effects', title: 'How much', inside: html`<p>${EFFECTS}</p>${comparisons.map(each => effects(each, differs))}` },
    { id: 'differs', title: 'What differs', inside: differences(document) },
    { id: 'curves', title: 'All values', inside: curves(comparisons) },
    { id: 'method', title: 'Method', inside: html`<ul class="limits">${method.text.map(line => html`<li>${line}</li>`)}</ul>` },
    { id: 'again', title: 'Again', inside: html`<pre tabindex="0"><code>${command}</code></pre>` },
  ]
  return shell(
    `${word} ${subject}`,
    html`<header>
<p class="kicker">Prefetch Lab <span aria-hidden="true">·</span> runs compared</p>
<h1>${subject}</h1>
<div class="verdict ${TINTS[verdict]}"><p class="word"><span aria-hidden="true">${SIGNS[verdict]}</span> ${word}</p>
<div><p>${sentence}</p></div></div>
<ul class="sides">${sides.map(side => html`<li><span class="letter">${side.letter}</span> ${sideText(side)}</li>`)}</ul>
${navigation(sections)}</header>${sectionsOf(sections)}`,
  )
}

function effects({ arm, rows, ...comparison }: Comparison, shared: CompareDocument['differs']): Html {
  const notes = notesOf(comparison, shared).join('; ')
  const figures = ['effect', '95 % interval', 'from → to'].map(head => ({ head, figures: true }))
  const list = table(`Effects, ${arm}`, [{ head: 'measure' }, { head: 'verdict' }, ...figures], rows.map(effectCells))
  return html`<figure class="plotted-figure"><figcaption>${arm}</figcaption>
${rows.length === 0 ? html`<p class="small">${NO_FIGURE}</p>` : html`${intervalChart(arm, rows)}<div class="effects">${list}</div>`}
${notes !== '' && html`<p class="small">${notes}.</p>`}</figure>`
}

function effectCells({ label, about, better, samples, runs, verdict, detail, words }: Row) {
  const what = `${about}; ${better} is better; ${samples.join(' and ')} samples in ${runs.join(' and ')} ${runs[0] + runs[1] === 2 ? 'run' : 'runs'}`
  return [
    html`${label}<span class="what">${what}</span>`,
    html`<span class="change ${verdict}">${words.verdict}</span><span class="what">${detail}</span>`,
    ...[words.effect, words.interval, words.fromTo],
  ]
}

function intervalChart(arm: string, rows: readonly Row[]): Html {
  const told = rows.map(({ label, words }) => `${label} ${words.effect}, interval ${words.interval}, ${words.verdict}`)
  const ratio = (percent: number) => 1 + percent / 100
  return plotted({
    label: `${arm}: ${told.join('; ')}`,
    height: 34 + 30 * rows.length,
    ...{ marginLeft: 142, marginTop: 6, marginBottom: 26 },
    x: { type: 'log', label: null, grid: true, ticks: 5, tickFormat: (ratio: number) => tick(ratioText(ratio)) },
    y: { label: null, domain: rows.map(({ label }) => label), tickSize: 0 },
    marks: [
      ruleX([1], { className: 'no-change' }),
      ...rows.map(({ label, verdict, intervalPercent: [low, high] }) =>
        ruleY([label], { x1: [ratio(low)], x2: [ratio(high)], y: [label], className: `interval ${verdict}` }),
      ),
      dot(rows, { x: row => ratio(row.effectPercent), y: 'label', r: 4.5, className: 'effect' }),
    ],
  })
}

function differences({ differs, sides }: CompareDocument): Html {
  const heads = ['setting', ...sides.map(({ letter }) => letter)].map(head => ({ head }))
  const rows = differs.map(({ name, values }) => [name, ...values])
  return rows.length === 0 ? html`<p>${asSentence(nothingDiffers(sides))}</p>` : table('In every arm that is compared', heads, rows)
}

function curves(comparisons: readonly Comparison[]): Html | undefined {
  const figures = comparisons.flatMap(({ arm, curves: own }) => own.map(({ label, sides }) => curveFigure(`${arm}: ${label}`, sides)))
  if (figures.length === 0) return undefined
  return html`<p>The share of all values up to each length; where one curve lies to the right, its side took longer. The dotted line is at 95 %.</p><div class="figures">${figures}</div>`
}
