import type { WaitKind } from '../model/wait-kind.ts'

/** The colours of the page's style, light or dark, for the canvas. */
export interface Colours {
  page: string
  ink: string
  soft: string
  line: string
  track: string
  ready: string
  area: string
  edge: string
  hatch: string
  waits: Record<WaitKind, string>
}

export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    page: of('page'),
    ink: of('ink'),
    soft: of('soft'),
    line: of('line'),
    track: of('track'),
    ready: of('ready'),
    area: of('area'),
    edge: of('edge'),
    hatch: of('hatch'),
    waits: { fresh: of('w0'), late: of('w2'), gone: of('w3') },
  }
}
