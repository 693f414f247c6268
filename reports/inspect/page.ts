import { barX } from '@observablehq/plot'
import type { Inspected } from '../../scenarios/inspect/findings.ts'
import type { Finding } from '../../scenarios/inspect/rules/rule.ts'
import { plotted } from '../chart/plot.ts'
import { spoken } from '../demo/text.ts'
import { type Html, html, table } from '../page/html.ts'
import { page } from '../page/shell.ts'
import { counted } from '../words.ts'
import { headline, METHOD, shownNumber, shownPrefetch, shownQueue, shownWait } from './cells.ts'
import { unseenWords } from './unseen-words.ts'
import { said } from './words.ts'

/** A look at a broker as one page, to send to a colleague. Pure. */

const DRAWN_MAX = 24
const VERDICTS = { findings: 'fail', 'nothing-found': 'pass', unknown: 'unknown' } as const

export function inspectedHtml(seen: Inspected): string {
  const { snapshot, findings, verdict } = seen
  const { version, takenAt, tookMs, requests, unseen } = snapshot
  const { word, rest } = headline(seen)
  return page({
    title: `RabbitMQ ${version}`,
    about: 'who waits in a broker, how long, because of whom',
    heading: `RabbitMQ ${version}`,
    run: { verdict: VERDICTS[verdict], startedAt: takenAt, tookMs },
    texts: [`${word}${rest}.`, ...findings.slice(0, 3).map(finding => `${said(finding).says}.`)],
    small: `${counted(requests, 'request')}${snapshot.masked ? ', names masked' : ''}`,
    sections: [
      { id: 'findings', title: 'Findings', inside: findings.length > 0 && findingList(findings) },
      { id: 'holding', title: 'Who holds what', inside: html`${waits(seen)}${holdingTable(seen)}<p class="small">${METHOD}</p>` },
      {
        id: 'unseen',
        title: 'Not seen',
        inside: unseen.length > 0 && html`<ul>${unseen.map(one => html`<li>${unseenWords(one)}</li>`)}</ul>`,
      },
    ],
  })
}

function findingList(findings: readonly Finding[]): Html {
  return html`${[...Map.groupBy(findings, ({ code }) => code)].map(([code, group]) => {
    const [first] = group
    if (first === undefined) return undefined
    const { means, fixes, see } = said(first)
    const kind = first.level === 'now' ? 'fail' : 'unknown'
    return html`<div class="trouble"><h3>${code} <span class="chip ${kind}">${first.level === 'now' ? '✕ now' : '! risk'}</span></h3>
<ul>${group.map(finding => html`<li>${said(finding).says}.</li>`)}</ul><p>${means}</p>
<pre>${fixes.map(([client, line]) => `${client === undefined ? '' : `${client}: `}${line}\n`)}</pre><p class="small"><a href="${see}">${see}</a></p></div>
`
  })}`
}

/** Hidden waits, the longest first. */
function waits({ queues }: Inspected): Html | undefined {
  const all = queues.flatMap(({ queue, consumers }) =>
    consumers.flatMap(({ who, hiddenWaitMs = 0 }) =>
      hiddenWaitMs > 0 ? [{ who: `${who} on ${queue.name}`, minutes: hiddenWaitMs / 60_000 }] : [],
    ),
  )
  if (all.length === 0) return undefined
  const drawn = all.toSorted((a, b) => b.minutes - a.minutes).slice(0, DRAWN_MAX)
  const caption = `Hidden wait in minutes${all.length > drawn.length ? `, the longest ${drawn.length} of ${all.length}` : ''}`
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${plotted({
    label: `${caption}. ${drawn.map(({ who, minutes }) => `${who}: ${spoken(60_000 * minutes)}`).join('; ')}`,
    height: 44 + 24 * drawn.length,
    x: { label: null, zero: true, grid: true },
    y: { label: null, domain: drawn.map(({ who }) => who), type: 'band' },
    marginLeft: 240,
    marks: [barX(drawn, { x: 'minutes', y: 'who', insetTop: 4, insetBottom: 4, className: 'buffer-ground' })],
  })}</figure>`
}

function holdingTable({ queues }: Inspected): Html {
  const heads = ['consumer', 'queue', 'prefetch', 'held', 'acks/s', 'hidden wait']
  const rows = queues.flatMap(({ queue, consumers }) =>
    consumers.map(one => [
      one.who,
      shownQueue(queue),
      shownPrefetch(one),
      shownNumber(one.held),
      shownNumber(one.acksPerSecond),
      shownWait(one),
    ]),
  )
  return table(
    'What each consumer holds',
    heads.map((head, i) => ({ head, figures: i > 2 })),
    rows,
  )
}
