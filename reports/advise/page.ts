import { lineY, ruleX, ruleY } from '@observablehq/plot'
import type { Answer } from '../../scenarios/predictor/advise/answer.ts'
import type { Beyond, Point } from '../../scenarios/predictor/advise/further.ts'
import type { Question } from '../../scenarios/predictor/advise/question.ts'
import { loadPercent } from '../../scenarios/predictor/offered-load.ts'
import { key, plotted, tick } from '../chart/plot.ts'
import { folded, type Html, html, table } from '../page/html.ts'
import { navigation, type Section, sectionsOf, shell } from '../page/shell.ts'
import { duration } from '../predict/text.ts'
import { capacityWords, changesRows, linkWords, loadWords } from './beyond-text.ts'
import { assumptionsOf, scalerTexts, unknownsOf, warningsOf } from './notes.ts'
import { headline, loadLine, SETTINGS_HEAD, settingsRows } from './text.ts'
import { setLines, settingWords } from './words.ts'

/** The advice as one page, with its curves. Pure. */
export function advicePage(question: Question, answer: Answer, command: string): string {
  const { advice, beyond, capacity } = answer
  const rows = settingsRows(question, advice)
  const sections: Section[] = [
    {
      id: 'settings',
      title: 'Settings',
      inside: rows.length > 0 && figuresTable('What people wait with each setting', SETTINGS_HEAD(question), rows),
    },
    { id: 'set', title: 'What to type', inside: setList(question, answer) },
    { id: 'load', title: 'At another load', inside: loadSection(question, answer) },
    { id: 'link', title: 'Over another link', inside: linkSection(question, beyond) },
    {
      id: 'changes',
      title: 'What would help',
      inside:
        beyond.changes.length > 0 &&
        figuresTable('With the best setting, and', ['change', 'wait p95', 'answer p95'], changesRows(question, beyond.changes)),
    },
    { id: 'gpus', title: 'How many GPUs', inside: html`${capacityWords(question, capacity).map(text => html`<p>${text}</p>`)}` },
    { id: 'autoscaler', title: 'What an autoscaler sees', inside: autoscaler(question, answer) },
    { id: 'limits', title: 'What it assumes, and does not know', inside: limits(question, answer) },
    { id: 'again', title: 'Again', inside: html`<pre tabindex="0"><code>${command}</code></pre>` },
  ]
  return shell(
    'Advice',
    html`<header>
<p class="kicker">Prefetch Lab <span aria-hidden="true">·</span> predicted, not measured</p>
<h1>What to set</h1>
<div class="verdict neutral"><div><p>${headline(question, advice)}</p>${warningsOf(question, advice).map(text => html`<p>${text}</p>`)}</div></div>
<p class="small">${loadLine(question, advice)}</p>
${navigation(sections)}</header>${sectionsOf(sections)}`,
  )
}

function figuresTable(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): Html {
  return table(
    caption,
    head.map((text, i) => ({ head: text, figures: i > 0 })),
    rows,
  )
}

function setList(question: Question, { advice }: Answer): Html {
  return html`${setLines(advice.best, question).map(each => html`<p class="small">${each.for}</p><pre tabindex="0"><code>${each.line}</code></pre>`)}`
}

function loadSection(question: Question, { advice, beyond }: Answer): Html | undefined {
  if (beyond.loads.length === 0) return undefined
  return html`<p>${loadWords(question, beyond)}</p>${curves({
    caption: 'p95 wait by load, as a share of what the workers can do',
    question,
    beyond,
    points: beyond.loads,
    at: share => loadPercent(100 * share),
    here: advice.load.share,
  })}`
}

function linkSection(question: Question, beyond: Beyond): Html | undefined {
  if (beyond.links.length === 0) return undefined
  return html`<p>${linkWords(question, beyond)}</p>${curves({
    caption: 'p95 wait by the round trip between worker and broker',
    question,
    beyond,
    points: beyond.links,
    at: rttMs => `${rttMs} ms`,
    here: question.link.rttMs,
  })}`
}

const LINES = ['line-a', 'line-c', 'line-b']
/** A logarithmic axis has a lower end: shorter waits stand at it. */
const EDGE_MS = 10

interface Curves {
  caption: string
  question: Question
  beyond: Beyond
  points: readonly Point[]
  at: (value: number) => string
  /** What was asked about. */
  here: number | undefined
}

function curves({ caption, question, beyond, points, at, here }: Curves): Html {
  const series = (points[0]?.p95WaitMs ?? []).map((_, i) => ({
    kind: LINES[i % LINES.length]!,
    words: `${settingWords(beyond.settings[i]!, question)}${i === 2 ? ' (today)' : ''}`,
    drawn: points.flatMap(point => {
      const ms = point.p95WaitMs[i]
      return ms === null || ms === undefined ? [] : [{ at: point.at, ms: Math.max(EDGE_MS, ms) }]
    }),
  }))
  const told = series.map(({ words, drawn }) => `${words}: ${duration(drawn[0]?.ms ?? 0)} to ${duration(drawn.at(-1)?.ms ?? 0)}`)
  const marks = [
    ruleY([Math.max(EDGE_MS, question.sloMs)], { className: 'guide' }),
    ruleX(here === undefined || here > points.at(-1)!.at ? [] : [here], { className: 'guide' }),
    ...series.map(({ kind, drawn }) => lineY(drawn, { x: 'at', y: 'ms', className: kind })),
  ]
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${key([...series, { kind: 'guide', words: 'the SLO, and what was asked about' }])}
${plotted({
  label: `${caption}. ${told.join('; ')}`,
  x: { label: null, tickFormat: at },
  y: { label: null, type: 'log', grid: true, ticks: 4, tickFormat: (ms: number) => tick(duration(ms)) },
  marginLeft: 56,
  marks,
})}
${folded(
  'Figures',
  figuresTable(
    caption,
    ['', ...series.map(({ words }) => words)],
    points.map(point => [at(point.at), ...point.p95WaitMs.map(ms => (ms === null ? 'overloaded' : duration(ms)))]),
  ),
)}</figure>`
}

function autoscaler(question: Question, { advice }: Answer): Html | undefined {
  const texts = scalerTexts(question, advice)
  return texts.length === 0 ? undefined : html`${texts.map(text => html`<p>${text}</p>`)}`
}

function limits(question: Question, { advice }: Answer): Html {
  const items = [...assumptionsOf(question, advice), ...unknownsOf(question).map(text => `Not known: ${text}.`)]
  return html`<ul class="limits">${items.map(text => html`<li>${text}</li>`)}</ul>`
}
