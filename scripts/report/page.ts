import { createHash } from 'node:crypto'
import type { HistoryEvent } from '#checks/history'
import type { RunDocument } from '#checks/run-document'
import { claimsSection } from './page/claims.ts'
import { controlsSection } from './page/controls.ts'
import { deliveriesPicture } from './page/deliveries-picture.ts'
import { type Html, html } from './page/html.ts'
import { limitsSection, replaySection } from './page/limits-section.ts'
import { historyOf, lanesPicture, viewOf } from './page/picture.ts'
import { settingsSection } from './page/settings.ts'
import { CSS } from './page/style.ts'
import { PATTERNS } from './page/svg.ts'
import { head, SECTIONS } from './page/verdict.ts'
import { waitSection } from './page/wait.ts'

/** The whole page in one file: no script, no network. Pure.
 *  @param histories the events of each arm, by its name */
export function runHtml(run: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): string {
  const views = run.arms.map(arm => viewOf(historyOf(arm, histories)))
  const own = run.arms.map(arm => historyOf(arm, histories))
  const prompts = views.reduce((sum, view) => sum + view.asked.length, 0)
  const sends = own.reduce((sum, history) => sum + history.events.filter(event => event.kind === 'send').length, 0)
  // A prompt or two among many messages: the scenario is about delivery.
  const about = 2 * prompts >= sends ? 'inference' : 'delivery'
  const heldBack = views.some(({ asked }) => asked.some(({ heldBackUntilMs }) => heldBackUntilMs !== undefined))
  const picture =
    about === 'inference'
      ? html`<p>Each lane is a GPU over time. Above it, on the same axis: how many people wait, and how many messages the broker calls ready.
Where the first is high and the second is nothing, tasks sit in the buffer of a worker, in front of a GPU that cannot keep up${heldBack && ', or in the outbox, held back until the earlier questions of their conversation have ended'}.</p>${lanesPicture(run, views)}`
      : html`<p>Each row is a device, each mark a message to its user: how long after sending the device showed it.</p>${deliveriesPicture(run, histories)}`
  const wait = waitSection(run, views)
  const title = `${run.verdict.toUpperCase()} ${run.scenario}`
  return `<!doctype html>
${html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(CSS).digest('base64')}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title>`}<style>${CSS}</style>${html`</head><body>${PATTERNS}
${head(run, wait === undefined ? ['wait'] : [])}<main>
${section('picture', picture)}${section('claims', claimsSection(run))}${wait && section('wait', wait)}${section('controls', controlsSection(run, own))}${section('settings', settingsSection(run))}${section('limits', limitsSection(run))}${section('replay', replaySection(run))}</main>
</body></html>`}
`
}

function section(id: keyof typeof SECTIONS, inside: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${SECTIONS[id]}</h2>
${inside}</section>
`
}
