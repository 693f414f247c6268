import { areaY, lineY, ruleY, text } from '@observablehq/plot'
import type { Scaler } from '#evidence/autoscaler'
import type { History } from '#evidence/history'
import { letterOf } from '#evidence/typed'
import { SCALED_HEAD, scaledRow, scalerIntro } from '../autoscaler-words.ts'
import { key, plotted, tick } from '../chart/plot.ts'
import { type Scaled, scaledOf } from '../model/autoscaler.ts'
import { columnsOf } from '../model/steps.ts'
import { duration } from '../predict/text.ts'
import { type Html, html, table } from './html.ts'

/** What an autoscaler sees, beside who waits. Pure. */

interface ScaledArm {
  letter: string
  name: string
  scaled: Scaled
}

/** Undefined where no arm had a backlog. @param arms in their order, with what was recorded */
export function scalerSection(arms: readonly { name: string; timeScale: number; history: History }[], scaler: Scaler): Html | undefined {
  const found = arms.flatMap(({ name, timeScale, history }, i): ScaledArm[] => {
    const scaled = scaledOf(history, scaler, timeScale)
    return scaled === undefined ? [] : [{ letter: letterOf(i), name, scaled }]
  })
  if (found.length === 0) return undefined
  const top = Math.max(...found.map(({ scaled }) => Math.max(scaled.workers, scaled.httpMost.http, scaled.waitingMost / scaler.value)))
  return html`<p>${scalerIntro(scaler)}</p>${key(LINES)}
<div class="figures">${found.map(arm => figureOf(arm, scaler, top))}</div>
${table(
  'Replicas asked for',
  SCALED_HEAD.map((head, i) => ({ head, figures: i > 0 })),
  found.map(({ letter, scaled }) => scaledRow(letter, scaled)),
)}
<p class="small">The area shows people whose answer has not begun, ${scaler.value} of them as one replica. An autoscaler follows what the scaler asks for with delays of its own, which are left out.</p>`
}

const LINES = [
  { kind: 'line-a', words: 'asked for over amqp' },
  { kind: 'line-b', words: 'asked for over http' },
  { kind: 'guide', words: 'workers there' },
]
const COLUMNS = 200

function figureOf({ letter, name, scaled }: ScaledArm, { value }: Scaler, top: number): Html {
  const { window, workers, waiting, waitingMost, looks, amqpMost, httpMost } = scaled
  const columnMs = (window.toMs - window.fromMs) / COLUMNS
  const people = columnsOf(waiting, window, COLUMNS).map((count, i) => ({ at: i * columnMs, replicas: count / value }))
  // A step lasts until the next look: the last one too.
  const asked = [...looks, { ...looks.at(-1)!, atMs: window.toMs }].map(({ atMs, amqp, http }) => ({
    at: atMs - window.fromMs,
    amqp,
    http,
  }))
  return html`<figure class="plotted-figure"><figcaption>${letter} ${name}</figcaption>
${plotted({
  label: `${name}: up to ${waitingMost} people waited; KEDA would have asked for up to ${amqpMost} replicas over amqp and up to ${httpMost.http} over http, where ${workers} workers were`,
  height: 170,
  x: { label: null, tickFormat: (ms: number) => (ms === 0 ? '0' : tick(duration(ms))), ticks: 5 },
  y: { label: null, domain: [0, Math.ceil(top)], tickFormat: '~d', ticks: 4, grid: true },
  marks: [
    areaY(people, { x: 'at', y: 'replicas', curve: 'step-after', className: 'waiting' }),
    ruleY([workers], { className: 'guide' }),
    text([`up to ${waitingMost} waiting`], { frameAnchor: 'top-right', textAnchor: 'end', dy: -12, className: 'plain' }),
    lineY(asked, { x: 'at', y: 'http', curve: 'step-after', className: 'line-b' }),
    lineY(asked, { x: 'at', y: 'amqp', curve: 'step-after', className: 'line-a' }),
  ],
})}</figure>`
}
