import { createHash } from 'node:crypto'
import { type Html, html } from './html.ts'
import { CSS } from './style.ts'
import { CHART_CSS } from './style-charts.ts'

/** A page in one file: no script, no network; the policy allows only its style. Pure. */

const STYLE = CSS + CHART_CSS

export function shell(title: string, body: Html): string {
  return `<!doctype html>
${html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title>`}<style>${STYLE}</style>${html`</head><body>${body}
</body></html>`}
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
