import { createHash } from 'node:crypto'
import { duration } from '../predict/text.ts'
import { sign } from './badges.ts'
import { Html, html } from './html.ts'
import { CSS } from './style.ts'
import { CHART_CSS } from './style-charts.ts'
import { PATTERNS } from './svg.ts'

/** A page in one file: no network; the policy allows its own style alone, and its script if any.
 *  Pure. */

const STYLE = CSS + CHART_CSS
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

interface More {
  css?: string
  script?: string
  /** Its script talks to the server that it came from. Default: to nobody. */
  connects?: boolean
}

/** @param more style and script that this page alone has */
export function shell(title: string, body: Html, { css = '', script, connects = false }: More = {}): string {
  const style = STYLE + css
  const scripts = script === undefined ? '' : ` script-src ${hashOf(script)};${connects ? " connect-src 'self';" : ''}`
  return `<!doctype html>
${html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${new Html(hashOf(style))};${new Html(scripts)} base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title>`}<style>${style}</style>${html`</head><body>${body}`}${script === undefined ? '' : `<script>${script}</script>`}
</body></html>
`
}

export interface Section {
  id: string
  title: string
  /** Undefined: this page has no such section. */
  inside: Html | undefined | false
}

export function sectionsOf(sections: readonly Section[]): Html {
  return html`<main>
${sections.map(
  ({ id, title, inside }) =>
    inside &&
    html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${inside}</section>
`,
)}</main>`
}

export function navigation(sections: readonly Section[]): Html {
  return html`<nav aria-label="On this page"><ul>${sections.map(
    ({ id, title, inside }) =>
      inside &&
      html`<li><a href="#${id}">${title}</a></li>
`,
  )}</ul></nav>`
}

type Page = Record<'title' | 'about' | 'heading' | 'small', string> & {
  run: { verdict: 'pass' | 'fail' | 'unknown'; startedAt: string; tookMs?: number; claim?: string }
  /** In the box beside the verdict, a line each. */
  texts: readonly string[]
  sections: readonly Section[]
}

/** The page of a run of any kind: verdict first, then its sections. */
export function page({ title, about, heading, small, run, texts, sections }: Page): string {
  const { verdict, startedAt, tookMs, claim } = run
  return shell(
    `${verdict.toUpperCase()} ${title}`,
    html`${PATTERNS}<header>
<p class="kicker">Prefetch Lab <span aria-hidden="true">·</span> ${about}</p>
<h1>${heading}</h1>
${claim !== undefined && html`<p class="claim">${claim}</p>`}
<div class="verdict ${verdict}"><p class="word"><span aria-hidden="true">${sign(verdict)}</span> ${verdict.toUpperCase()}</p>
<div>${texts.map(text => html`<p>${text}</p>`)}</div></div>
<p class="small">${startedAt.slice(0, 16).replace('T', ' ')} UTC${tookMs !== undefined && `, ${duration(tookMs)}`}; ${small}</p>
${navigation(sections)}</header>${sectionsOf(sections)}`,
  )
}
