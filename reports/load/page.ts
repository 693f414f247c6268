import { KEDA_DEFAULTS, type Scaler } from '#evidence/autoscaler'
import type { HistoryEvent } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'
import { codeWords, findingText, verdictText } from '../finding-words.ts'
import { scalerSection } from '../page/autoscaler.ts'
import { sign, witnessList } from '../page/badges.ts'
import { type Html, html, table } from '../page/html.ts'
import { caveatList, replaySection } from '../page/limits-section.ts'
import { page, type Section } from '../page/shell.ts'
import { duration } from '../predict/text.ts'
import { figure, sentence, worstFirst } from '../words.ts'
import { gapPicture } from './gap.ts'
import { pictures } from './pictures.ts'
import {
  besideModel,
  clockedRows,
  cpuPerMessageUs,
  flatSettings,
  honestyOf,
  latencyText,
  limitTexts,
  loadLimits,
  memoryTexts,
  offeredText,
  spanText,
} from './words.ts'

/** A load test as one page: verdict, latencies, seconds, thresholds, honesty, limits. Pure. */
export function loadHtml(load: LoadDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>, scaler = KEDA_DEFAULTS): string {
  const { workload } = load
  const sections: Section[] = [
    { id: 'latency', title: 'Latency', inside: html`${latencyTable(load)}${besideModel(load).map(text => html`<p>${text}</p>`)}` },
    { id: 'seconds', title: 'Second by second', inside: load.perSecond.length > 0 && pictures(load, histories) },
    { id: 'gap', title: 'Between two inferences', inside: gapPicture(load) },
    { id: 'autoscaler', title: 'What an autoscaler sees', inside: autoscaler(load, histories, scaler) },
    { id: 'thresholds', title: 'Limits of the workload', inside: thresholds(load) },
    { id: 'checks', title: 'Checks', inside: checks(load) },
    { id: 'honesty', title: 'Are these figures the system’s?', inside: caveatList(honestyOf(load)) },
    { id: 'parts', title: 'What it cost', inside: load.parts.length > 0 && parts(load) },
    { id: 'settings', title: 'Settings', inside: settings(load) },
    { id: 'limits', title: 'Limits', inside: caveatList(loadLimits(load)) },
    { id: 'replay', title: 'Replay', inside: replaySection(load, BESIDE) },
  ]
  return page({
    title: `load ${workload}`,
    about: 'a load test and its evidence',
    heading: workload,
    run: load,
    texts: [sentence(verdictText(load)), offeredText(load), latencyText(load)],
    small: `engine ${load.engine}, design ${load.design}, seed ${load.seed}`,
    sections,
  })
}

const RANKS = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const

function latencyTable(load: LoadDocument): Html {
  return table(
    'From where to where, and how long',
    [
      { head: 'latency' },
      ...RANKS.map(rank => ({ head: rank === 'max' ? 'longest' : rank, figures: true })),
      { head: 'count', figures: true },
    ],
    clockedRows(load).map(([name, summary]) => [
      html`${name}<span class="what">${spanText(summary)}</span>`,
      ...RANKS.map(rank => duration(summary[rank])),
      summary.count,
    ]),
  )
}

function autoscaler(load: LoadDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>, scaler: Scaler): Html | undefined {
  const { facts, workload, timeScale } = load
  if (facts === null) return undefined
  const history = { ...facts, events: [...histories.values()].flat() }
  return scalerSection([{ name: workload, timeScale, history }], scaler)
}

function thresholds({ thresholds: list, timeScale }: LoadDocument): Html {
  if (list.length === 0) return html`<p>This workload sets none.</p>`
  return table(
    'What was promised, and what was measured',
    [{ head: 'limit' }, { head: 'measured', figures: true }, { head: 'allowed', figures: true }, { head: 'verdict' }],
    list.map(each => [codeWords(each.name), ...limitTexts(each, timeScale), said(each.verdict)]),
  )
}

function checks({ checks: list }: LoadDocument): Html {
  if (list.length === 0) return html`<p>Nothing was judged: this engine records no single messages.</p>`
  return table(
    'What must hold of every message',
    [{ head: 'check' }, { head: 'verdict' }, { head: 'what was found' }],
    worstFirst(list).map(check => [
      html`${check.name}<span class="what">${check.claim}</span>`,
      said(check.verdict),
      html`${findingText(check)}${witnessList([check])}`,
    ]),
  )
}

/** A sign and its word, on one line. */
function said(verdict: LoadDocument['verdict']): Html {
  return html`<span class="said"><span class="mark ${verdict}" aria-hidden="true">${sign(verdict)}</span> ${verdict}</span>`
}

function parts(load: LoadDocument): Html {
  const per = (cpuMs: number) => {
    const us = cpuPerMessageUs(load, cpuMs)
    return us === undefined ? '' : `${figure(us)} µs`
  }
  const memory = memoryTexts(load)
  const total = (of: 'cpuMs' | 'rssMiB') => load.parts.reduce((sum, part) => sum + part[of], 0)
  return table(
    'CPU and memory of each part',
    [
      { head: 'part' },
      { head: 'CPU', figures: true },
      { head: 'per message delivered', figures: true },
      { head: 'memory, most', figures: true },
      ...(memory.size === 0 ? [] : [{ head: 'memory while it ran' }]),
    ],
    [
      ...load.parts.map(({ name, cpuMs, rssMiB }) => [
        name,
        duration(cpuMs),
        per(cpuMs),
        `${rssMiB.toFixed(0)} MiB`,
        ...(memory.size === 0 ? [] : [memory.get(name) ?? '']),
      ]),
      ['together', duration(total('cpuMs')), per(total('cpuMs')), `${total('rssMiB').toFixed(0)} MiB`, ...(memory.size === 0 ? [] : [''])],
    ],
  )
}

function settings({ plan, set, design, timeScale, taskQueueType, measures }: LoadDocument): Html {
  const rows = (of: Record<string, unknown>) => flatSettings(of).map(([name, value]) => [name, value])
  const lab = { design, 'time scale': timeScale, 'task queue': taskQueueType, ...set }
  return html`<div class="pair">${table('The workload', [{ head: 'setting' }, { head: 'value' }], rows(plan))}${table('The lab', [{ head: 'setting' }, { head: 'value' }], rows(lab))}</div>
${
  Object.keys(measures).length > 0 &&
  table(
    'Every other measure',
    [{ head: 'measure' }, { head: 'value', figures: true }],
    Object.entries(measures).map(([name, value]) => [name, figure(value)]),
  )
}`
}

const BESIDE = html`<code>run.json</code>, <code>history.jsonl.gz</code> (every event, where the engine records them)`
