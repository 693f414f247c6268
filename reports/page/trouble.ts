import type { RunDocument } from '#evidence/run-document'
import { verdictTexts } from '../finding-words.ts'
import { asPlanned, worstFirst } from '../words.ts'
import { armHeading, witnessList } from './badges.ts'
import { type Html, html } from './html.ts'

/** Arms that failed or are unknown, with their witnesses. Pure. */
export function troubleSection({ arms }: RunDocument): Html | undefined {
  const bad = worstFirst(arms.filter(arm => !asPlanned(arm)))
  if (bad.length === 0) return undefined
  return html`<div class="beside troubles cols-${Math.min(2, bad.length)}">${bad.map(
    arm =>
      html`<div class="trouble ${arm.verdict}">${armHeading(arm, arms.indexOf(arm))}${verdictTexts(arm).map(text => html`<p>${text}</p>`)}${witnessList(arm.checks)}</div>`,
  )}</div>`
}
