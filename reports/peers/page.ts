import { dot, ruleX, ruleY } from '@observablehq/plot'
import type { PartJudged, PeersDocument } from '#evidence/peers-document'
import { plotted } from '../chart/plot.ts'
import { type Html, html, table } from '../page/html.ts'
import { caveatList, replaySection } from '../page/limits-section.ts'
import { page } from '../page/shell.ts'
import { figure, sentence } from '../words.ts'
import { SYSTEM_HEADS, systemRows, TARGET_HEADS, targetRows } from './rows.ts'
import { peerCaveats, systemWords, verdictWords } from './words.ts'

/** A comparison with peers as one page: targets, ratios, systems, what it does not say. Pure. */
export function peersHtml(run: PeersDocument): string {
  const { broker = '', database = '', lab = '', node = '', redis = '' } = run.versions
  return page({
    title: 'load peers',
    about: 'our chat and queue beside what one would pick instead',
    heading: 'peers',
    run,
    texts: [sentence(verdictWords(run))],
    small: `${run.plan.repetitions} repetitions, seed ${run.seed}, ${redis}`,
    sections: [
      {
        id: 'targets',
        title: 'Targets',
        inside: html`${ratios(run)}${rowsTable('What was to be reached, and what was', TARGET_HEADS, targetRows(run))}`,
      },
      {
        id: 'systems',
        title: 'Systems',
        inside: html`${paces(run)}${rowsTable('Medians of each system under each load', SYSTEM_HEADS, systemRows(run))}`,
      },
      { id: 'limits', title: 'Limits', inside: caveatList(peerCaveats(run)) },
      {
        id: 'replay',
        title: 'Replay',
        inside: replaySection({ ...run, runtime: 'native', versions: { broker, database, lab, node } }, html`<code>run.json</code>`),
      },
    ],
  })
}

function rowsTable(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  return table(
    caption,
    heads.map(head => ({ head })),
    rows,
  )
}

type Drawn = PartJudged & { ratio: number; interval: [number, number]; target: number }
const isDrawn = (part: PartJudged): part is Drawn =>
  part.peer !== undefined && part.ratio !== null && part.interval !== null && part.target !== null

/** Each ratio over its target: 1 is met exactly, to the right is better. */
function ratios({ targets }: PeersDocument): Html | undefined {
  const parts = targets.flatMap(target => target.parts).filter(isDrawn)
  if (parts.length === 0) return undefined
  const drawn = parts.map(({ id, ratio, interval: [low, high], target, bound }) => {
    const over = (value: number) => (bound === 'at-least' ? value / target : target / value)
    return { id, at: over(ratio), low: over(low), high: over(high), met: over(ratio) >= 1 }
  })
  const caption = 'Each ratio as a share of its target, with its interval; met from 1 on'
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${plotted({
    label: `${caption}. ${drawn.map(({ id, at }) => `${id}: ${figure(at)}`).join('; ')}`,
    height: 44 + 26 * drawn.length,
    x: { label: null, type: 'log', grid: true, tickFormat: figure },
    y: { label: null, domain: drawn.map(({ id }) => id), type: 'band' },
    marginLeft: 72,
    marks: [
      ruleX([1], { className: 'guide' }),
      ruleY(drawn, { x1: 'low', x2: 'high', y: 'id', className: 'interval' }),
      ...[true, false].map(met =>
        dot(
          drawn.filter(each => each.met === met),
          { x: 'at', y: 'id', r: 5, className: `effect${met ? ' improved' : ' regressed'}` },
        ),
      ),
    ],
  })}</figure>`
}

/** Every repetition under the full load: how far apart the systems are, and how steady. */
function paces({ systems }: PeersDocument): Html | undefined {
  const full = systems.filter(({ load, samples }) => load === 'closed-1000' && samples.length > 0)
  if (full.length === 0) return undefined
  const dots = full.flatMap(({ system, samples }) => samples.map(({ perSecond }) => ({ system: systemWords(system), perSecond })))
  const caption = 'Messages a second with 1,000 outstanding, each repetition'
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${plotted({
    label: `${caption}. ${full.map(({ system, samples }) => `${systemWords(system)}: ${samples.map(({ perSecond }) => Math.round(perSecond)).join(', ')}`).join('; ')}`,
    height: 44 + 26 * full.length,
    x: { label: null, zero: true, grid: true, tickFormat: figure },
    y: { label: null, domain: full.map(({ system }) => systemWords(system)), type: 'band' },
    marginLeft: 170,
    marks: [dot(dots, { x: 'perSecond', y: 'system', r: 4, className: 'effect' })],
  })}</figure>`
}
