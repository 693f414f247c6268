import { eventsOf, type History, type HistoryEvent } from '#evidence/history'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { summarise } from '#predictor'
import { askedOf, heroOf, waitEndMs, windowOf } from '../model/asked.ts'
import { besideEachOther } from '../model/beside.ts'
import { lanesOf } from '../model/lanes.ts'
import { waitBorders } from '../model/scale.ts'
import { overlap, totalMs } from '../model/spans.ts'
import { columnsOf, peakOf, readySteps, waitingSteps } from '../model/steps.ts'
import { duration } from '../predict/text.ts'
import { actionText } from '../witness.ts'
import { type ArmView, armSvg, type Shared } from './arm-picture.ts'
import { armHeading } from './badges.ts'
import { folded, type Html, html, table } from './html.ts'
import { legend } from './legend.ts'

/** The one picture: GPU lanes over time, arms side by side. Pure. */

export function viewOf(history: History): ArmView {
  const window = windowOf(history)
  const asked = askedOf(history, window)
  const faults = eventsOf(history, 'fault').filter(({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs)
  return {
    window,
    asked,
    hero: heroOf(asked, window),
    waiting: waitingSteps(asked),
    ready: readySteps(history, window),
    lanes: lanesOf(history, asked, window),
    faults,
  }
}

export function historyOf(arm: ArmDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): History {
  return { ...arm.facts, events: histories.get(arm.name) ?? [] }
}

export function lanesPicture({ arms }: RunDocument, views: readonly ArmView[]): Html {
  const borders = bordersOf(arms, views)
  const rows = besideEachOther(arms)
  const columns = Math.min(3, Math.max(...rows.map(row => row.length)))
  const spanOf = ({ window }: ArmView) => window.toMs - window.fromMs
  return html`${legend(borders)}
${rows.map(row => {
  const own = row.map(i => views[i]!)
  const shared: Shared = {
    spanMs: Math.max(...own.map(spanOf)),
    peak: Math.max(...own.map(view => Math.max(peakOf(view.waiting), peakOf(view.ready)))),
    borders,
  }
  return html`<div class="beside cols-${columns}">${row.map(i => armFigure(arms[i]!, i, views[i]!, shared))}</div>`
})}
<p class="small">Arms that stand beside each other share both axes. Bars thinner than a pixel are drawn as one, in the colour of the longest wait among them;
idle gaps thinner than a pixel are not hatched. The percentages beside the lanes count everything.</p>`
}

/** One scale for all arms: what is usual comes from the arms in which the claim must hold. */
function bordersOf(arms: readonly ArmDocument[], views: readonly ArmView[]): number[] {
  const waits = (indices: number[]) =>
    indices.flatMap(i => views[i]!.asked.map(each => (waitEndMs(each) ?? views[i]!.window.toMs) - each.askedMs))
  const claims = arms.flatMap((arm, i) => (arm.role === 'claim' ? [i] : []))
  return waitBorders(summarise(waits(claims)).p50, summarise(waits([...arms.keys()])).max)
}

function armFigure(arm: ArmDocument, index: number, view: ArmView, shared: Shared): Html {
  return html`<figure class="arm"><figcaption>${armHeading(arm, index)}</figcaption>
${armSvg(view, shared, arm.name)}
${view.faults.length > 0 && html`<ol class="faults">${view.faults.map(fault => html`<li><b>${duration(fault.atMs - view.window.fromMs)}</b> ${fault.part}: ${actionText(fault)}</li>`)}</ol>`}
${folded('Figures of this picture', pictureTable(arm, view))}</figure>`
}

const TABLE_ROWS = 20

function pictureTable(arm: ArmDocument, { window, waiting, ready, lanes }: ArmView): Html {
  const rowMs = (window.toMs - window.fromMs) / TABLE_ROWS
  const counts = [columnsOf(waiting, window, TABLE_ROWS), columnsOf(ready, window, TABLE_ROWS)]
  const columns = [
    { head: 'from', figures: true },
    { head: 'waiting, most', figures: true },
    { head: 'ready, most', figures: true },
    ...lanes.flatMap(({ name }) => [
      { head: `${name} busy`, figures: true },
      { head: 'idle in need', figures: true },
    ]),
  ]
  const rows = Array.from({ length: TABLE_ROWS }, (_, i) => {
    const span = { fromMs: window.fromMs + i * rowMs, toMs: window.fromMs + (i + 1) * rowMs }
    const percent = (spans: readonly { fromMs: number; toMs: number }[]) =>
      `${((100 * totalMs(overlap(spans, [span]))) / rowMs).toFixed(0)} %`
    return [
      duration(i * rowMs),
      ...counts.map(count => count[i] ?? 0),
      ...lanes.flatMap(lane => [percent(lane.bars), percent(lane.stranded)]),
    ]
  })
  return table(`${arm.name}, in ${TABLE_ROWS} equal stretches of time`, columns, rows)
}
