import type { RunDocument } from '#evidence/run-document'
import { verdictTexts } from '../finding-words.ts'
import { inShort } from '../in-short.ts'
import { duration } from '../predict/text.ts'
import { witnessLines } from '../witness.ts'
import { asPlanned, outcome, worstFirst } from '../words.ts'
import { armHeading, sign } from './badges.ts'
import { type Html, html } from './html.ts'
import { navigation, type Section } from './shell.ts'

/** The head of the page: verdict, claim, and which arms failed or are unknown. Pure. */

export function head(run: RunDocument, sections: readonly Section[]): Html {
  const { scenario, claim, verdict, size, seed, startedAt, tookMs } = run
  return html`<header>
<p class="kicker">Prefetch Lab <span aria-hidden="true">·</span> a scenario and its evidence</p>
<h1>${scenario}</h1>
<p class="claim">${claim}</p>
<div class="verdict ${verdict}"><p class="word"><span aria-hidden="true">${sign(verdict)}</span> ${verdict.toUpperCase()}</p>
<div><p>${outcome(run)}</p>${inShort(run).map(sentence => html`<p>${sentence}</p>`)}</div></div>
<p class="small">${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${duration(tookMs)}; size ${size}, seed ${seed}</p>
${navigation(sections)}
</header>${trouble(run)}`
}

/** Arms that failed or are unknown, with their witnesses, before everything else. */
function trouble({ arms }: RunDocument): Html | undefined {
  const bad = worstFirst(arms.filter(arm => !asPlanned(arm)))
  if (bad.length === 0) return undefined
  return html`<section aria-labelledby="trouble"><h2 id="trouble">Failed or unknown</h2><div class="beside troubles cols-${Math.min(2, bad.length)}">${bad.map(
    arm => {
      const witnesses = witnessLines(arm.checks)
      return html`<div class="trouble ${arm.verdict}">${armHeading(arm, arms.indexOf(arm))}${verdictTexts(arm).map(text => html`<p>${text}</p>`)}${
        witnesses.length > 0 && html`<ul class="witnesses">${witnesses.map(line => html`<li>${line}</li>`)}</ul>`
      }</div>`
    },
  )}</div></section>`
}
