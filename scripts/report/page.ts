import type { HistoryEvent } from '#checks/history'
import type { RunDocument } from '#checks/run-document'
import { duration } from '../predict/text.ts'
import { sign } from './page/badges.ts'
import { html } from './page/html.ts'
import { historyOf, lanesPicture, viewOf } from './page/picture.ts'
import { checks, figures, limits, settings, waitSplit } from './page/sections.ts'
import { STYLE } from './page/style.ts'
import { PATTERNS } from './page/svg.ts'
import { outcome } from './words.ts'

/** The report of a run as one HTML file: no script, no request to anybody. Pure. */
export function runHtml(run: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): string {
  const views = run.arms.map(arm => viewOf(historyOf(arm, histories)))
  const { machine, versions, commit } = run
  const body = html`<header><h1>${run.scenario}</h1><p class="small">seed ${run.seed}, ${run.size}, ${run.runtime}, ${run.startedAt}, took ${duration(run.tookMs)}</p>
<p><span class="verdict ${run.verdict}"><span aria-hidden="true">${sign(run.verdict)}</span> ${run.verdict}</span></p>
<p class="lead">${run.claim}</p><p>${outcome(run)}</p></header>
<main>${PATTERNS}
<section><h2>What happened</h2>${lanesPicture(run, views)}</section>
<section><h2>Claimed and measured</h2>${figures(run)}</section>
${waitSplit(run, views) && html`<section><h2>Where the wait went</h2>${waitSplit(run, views)}</section>`}
<section><h2>The arms, and what proves them</h2>${checks(run)}</section>
<section><h2>Settings</h2>${settings(run)}</section>
<section><h2>What this does not say</h2>${limits(run)}</section>
<section><h2>Once more</h2><pre>${run.command}</pre></section></main>
<footer>Prefetch Lab ${versions.lab}, commit ${commit.id}${commit.dirty && ' with changes'}; ${versions.broker}, ${versions.database}, Node ${versions.node}; ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}</footer>`
  // No network, no script, whoever opens it wherever.
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  return `<!doctype html>\n${html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${run.verdict}: ${run.scenario}</title>`}<style>${STYLE}</style></head><body>${body}</body></html>\n`
}
