import type { History } from '#evidence/history'
import type { RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { type Curve, curveFigure } from '../chart/curve.ts'
import { besideEachOther } from '../model/beside.ts'
import { idealWaits, measuredWaits } from '../model/waits.ts'
import type { ArmView } from './arm-picture.ts'
import { type Html, html } from './html.ts'

/** Shares by wait: arms side by side over each other, each with its ideal. Pure. */

/** Fewer make no curve. */
const WAITS_LEAST = 10

const KINDS = ['line-a', 'line-b', 'line-c', 'line-d', 'line-e'] as const

export function waitCurves({ arms }: RunDocument, views: readonly ArmView[], histories: readonly History[]): Html | undefined {
  const figures = besideEachOther(arms).flatMap(row => {
    const curves = row.flatMap((i, at) => curvesOf(letterOf(i), arms[i]!.name, KINDS[at % KINDS.length]!, views[i]!, histories[i]!))
    return curves.length === 0 ? [] : [curveFigure(`Waits: ${row.map(letterOf).join(' and ')}`, oneIdeal(curves))]
  })
  if (figures.length === 0) return undefined
  return html`<h3>How many waited how long</h3>
<p>The share of prompts whose answer had begun after this long. Broken lines: the same prompts and GPUs in the ideal schedule. Dotted line: 95 %. A prompt that never began waits until the arm ends.</p>
<div class="figures">${figures}</div>`
}

/** Arms with the same prompts have the same ideal. */
function oneIdeal(curves: readonly Curve[]): Curve[] {
  const [ideal, ...others] = curves.filter(({ kind }) => kind.endsWith(IDEAL))
  if (ideal === undefined || others.some(({ values }) => String(values) !== String(ideal.values))) return [...curves]
  return [...curves.filter(({ kind }) => !kind.endsWith(IDEAL)), { ...ideal, name: 'ideal', kind: `line-e ${IDEAL}` }]
}

const IDEAL = 'ideal-of'

function curvesOf(letter: string, name: string, kind: string, { asked, window }: ArmView, history: History): Curve[] {
  const waits = measuredWaits(asked, window)
  const ideal = idealWaits(history)
  if (waits.length < WAITS_LEAST) return []
  return [
    { name: `${letter} ${name}`, kind, values: waits },
    ...(ideal === undefined ? [] : [{ name: `${letter} ideal`, kind: `${kind} ${IDEAL}`, values: ideal }]),
  ]
}
