import { type Html, html } from '../page/html.ts'
import { shell } from '../page/shell.ts'
import { PATTERNS } from '../page/svg.ts'
import { PLAYGROUND_CSS } from './style.ts'

/** The playground in one file: no network, its policy allows this script and this style. Pure. */

/** Questions to begin with. */
const TRIES = [
  ['Prefetch 250 beside 1', '#arrivals=steady'],
  ['A burst on 20 and 70 ms', '#gpus=20ms,70ms&arrivals=burst&tasks=500&slo=1000'],
  ['A backlog before the workers', '#arrivals=backlog&tasks=300'],
  ['Prefetch 20 for the fast card alone', '#a.prefetch=20,1'],
  ['The slow card only when eight wait', '#arrivals=busy&a.prefetch=1&b.min=0,8'],
  ['A slow link', '#gpus=200ms,200ms&rate=8&link=100&slo=1000&a.prefetch=1&b.prefetch=2'],
] as const

const SWATCHES: readonly (readonly [Html, string])[] = [
  [html`<rect class="w0" y="6" width="14" height="6"/>`, 'answered within the good wait'],
  [html`<rect class="w2" y="3" width="14" height="9"/>`, 'later'],
  [html`<rect class="w3" width="14" height="12"/>`, 'ten times as late'],
  [html`<rect class="stranded" width="14" height="12"/>`, 'GPU idle though people wait'],
  [html`<rect class="sq" x="1.5" y=".5" width="11" height="11"/>`, 'a task that a worker holds and has not begun; fuller: waits longer'],
]

/** @param script as the bundler made it */
export function playgroundPage(script: string): string {
  const body = html`${PATTERNS}<header><p class="kicker">Prefetch Lab <span aria-hidden="true">·</span> playground</p>
<h1>Who waits, and where?</h1>
<p class="claim">The same questions for the same GPUs, with two settings. Everything is predicted, here in your browser.</p>
<ul class="tries" aria-label="To begin with">${TRIES.map(([words, address]) => html`<li><a href="${address}">${words}</a></li>`)}</ul>
<p id="refused" class="fail" role="alert"></p></header>
<main class="board"><section aria-label="The hour">
<div><canvas id="picture" role="img" aria-label="The hour"></canvas></div>
<div class="player"><button type="button" id="play">Play</button>
<input type="range" id="scrub" min="0" max="1000" value="0" aria-label="Time"><output id="time"></output>
<label for="speed">Speed</label><select id="speed"><option value="0.25">¼</option><option value="0.5">½</option><option value="1" selected>1</option><option value="2">2</option><option value="4">4</option></select></div>
<div class="legend"><ul>${SWATCHES.map(([shape, words]) => html`<li><svg width="14" height="12" aria-hidden="true">${shape}</svg>${words}</li>`)}</ul></div>
<p id="load" class="small"></p><p id="status" class="unseen" role="status"></p>
<div class="scroll"><table><caption>In the end</caption><thead><tr><th scope="col">figure</th><th scope="col" class="num">A</th><th scope="col" class="num">B</th><th scope="col" class="num">ideal</th></tr></thead><tbody id="figures"></tbody></table></div>
<div id="verdicts"></div></section>
<form id="controls" aria-label="Settings"></form>
<section aria-label="Take it along"><div class="acts"><button type="button" id="copy-link">Copy the link</button><button type="button" id="save-png">Save the picture (PNG)</button><button type="button" id="save-csv">Save the figures (CSV)</button></div>
${['a', 'b'].map(
  side =>
    html`<h3>Setting ${side.toUpperCase()} as commands</h3><pre id="commands-${side}"></pre><button type="button" id="copy-${side}">Copy</button>`,
)}
<p id="arrivals-note" hidden>These arrivals are a file: <button type="button" id="save-arrivals">save arrivals.csv</button></p>
<p class="small">The model is that of <code>npm run predict</code>. Waits count from the queue on. Ideal: first come, first served, without gap.</p>
</section></main><noscript><p>This page computes in the browser: it needs JavaScript.</p></noscript>`
  return shell('Playground: who waits, and where?', body, { css: PLAYGROUND_CSS, script })
}
