import { type Html, html } from '../page/html.ts'
import { shell } from '../page/shell.ts'
import { PATTERNS } from '../page/svg.ts'
import { CONSOLE_CSS } from './style.ts'
import type { FixedWord } from './words/types.ts'
import { WORDS } from './words/words.ts'

/** The live page. It holds nothing of the lab: that comes over its connection. Pure. */

const { fixed } = WORDS.en
const word = (key: FixedWord) => html`<span data-word="${key}">${fixed[key]}</span>`

const SWATCHES: readonly (readonly [Html, FixedWord])[] = [
  [html`<rect class="w0" y="6" width="14" height="6"/>`, 'legendFresh'],
  [html`<rect class="w2" y="3" width="14" height="9"/>`, 'legendLate'],
  [html`<rect class="w3" width="14" height="12"/>`, 'legendGone'],
  [html`<rect class="stranded" width="14" height="12"/>`, 'legendStranded'],
  [html`<rect class="sq" x="1.5" y=".5" width="11" height="11"/>`, 'legendHeld'],
]

/** @param script as the bundler made it */
export function consolePage(script: string): string {
  const legend = SWATCHES.map(
    ([shape, words]) => html`<li><svg width="14" height="12" aria-hidden="true">${shape}</svg>${word(words)}</li>`,
  )
  const body = html`${PATTERNS}<header class="top"><div><p class="kicker">${word('kicker')}</p><h1>${word('heading')}</h1></div>
<p id="lab-name" class="small"></p><p id="line" role="status" data-state="connecting"></p>
<button type="button" id="save">${word('save')}</button><button type="button" id="language" lang="zh">中文</button></header>
<main class="desk"><div class="left">
<section aria-labelledby="crowd-title" class="crowd"><h2 id="crowd-title">${word('crowd')}</h2>
<input type="range" id="crowd" min="0" max="100" value="0" aria-labelledby="crowd-title" aria-describedby="crowd-words"><output id="crowd-words"></output></section>
<section id="stories" aria-label="${fixed.stories}"></section>
<div id="picture-box"><canvas id="picture" role="img"></canvas></div>
<div class="legend"><ul>${legend}</ul></div>
<p id="waits" class="figures-line"></p>
<section id="way" class="way" aria-label="${fixed.way}"></section><div id="chat" class="chat"></div>
</div><div class="right">
<section aria-labelledby="workers-title"><h2 id="workers-title">${word('workers')}</h2><div id="workers"></div></section>
<section aria-labelledby="parts-title"><h2 id="parts-title">${word('parts')}</h2><div id="parts"></div></section>
<section aria-labelledby="book-title" class="book"><h2 id="book-title">${word('book')}</h2><ol id="book" tabindex="0" aria-labelledby="book-title"></ol></section>
</div></main><p id="announce" class="unseen" role="status"></p><p id="problem" class="fail" role="alert"></p>`
  return shell('Live page: who waits, and where?', body, { css: CONSOLE_CSS, script, connects: true })
}
