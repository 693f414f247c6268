import type { ArmDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { witnessLines } from '../witness.ts'
import { type Html, html } from './html.ts'

/** Verdicts as marks: a sign, a word and a colour. Pure. */

const SIGNS = { pass: '✓', broke: '✓', fail: '✕', unknown: '?' } as const

export function sign(verdict: keyof typeof SIGNS): string {
  return SIGNS[verdict]
}

/** An arm's verdict: `✓ pass`, `✓ broke, as it must`. */
export function chip({ role, verdict }: Pick<ArmDocument, 'role' | 'verdict'>): Html {
  const word = verdict === 'broke' ? 'broke, as it must' : role === 'control' && verdict === 'unknown' ? 'not shown to break' : verdict
  return html`<span class="chip ${verdict}"><span aria-hidden="true">${sign(verdict)}</span> ${word}</span>`
}

export function armHeading(arm: Pick<ArmDocument, 'name' | 'role' | 'verdict'>, index: number): Html {
  return html`<h3 class="of-arm"><span class="letter">${letterOf(index)}</span><span>${arm.name} ${chip(arm)}</span></h3>`
}

/** The events that prove a failure, as a list; nothing where there are none. */
export function witnessList(checks: Parameters<typeof witnessLines>[0]): Html | undefined {
  const lines = witnessLines(checks)
  return lines.length === 0 ? undefined : html`<ul class="witnesses">${lines.map(line => html`<li>${line}</li>`)}</ul>`
}

/** A sign alone, with its word for those who do not see it. */
export function mark(verdict: keyof typeof SIGNS, word: string, kind: string = verdict): Html {
  return html`<span class="mark ${kind}" title="${word}"><span aria-hidden="true">${sign(verdict)}</span><span class="unseen">${word}</span></span>`
}
