import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { measuredText, measureRows } from './measures.ts'
import { type Html, html, table } from './page/html.ts'

/** Arms that go several ways through several situations, side by side in one table. Pure. */

/** What each arm shows, by the check that judges it. */
const SHOWN = { promptsUnserved: 'every-prompt-served', waitP50Ms: undefined, waitP95Ms: 'started-within' } as const

interface Cell {
  words: string
  /** The check of this figure failed. */
  failed: boolean
}

export interface Ways {
  ways: string[]
  rows: { situation: string; label: string; cells: (Cell | undefined)[] }[]
}

/** By the parameters `way` and `situation` of the arms; undefined where they have none. */
export function waysOf({ arms }: Pick<RunDocument, 'arms'>): Ways | undefined {
  const placed = arms.flatMap(arm => {
    const { way, situation } = arm.parameters
    return typeof way === 'string' && typeof situation === 'string' ? [{ arm, way, situation }] : []
  })
  if (placed.length === 0) return undefined
  const ways = [...new Set(placed.map(({ way }) => way))]
  const rows = [...new Set(placed.map(({ situation }) => situation))].flatMap(situation =>
    Object.entries(SHOWN).map(([measure, check]) => {
      const cellOf = (way: string) => cell(placed.find(each => each.way === way && each.situation === situation)?.arm, measure, check)
      const label = placed.flatMap(({ arm }) => measureRows(arm)).find(row => row.measure === measure)?.label ?? measure
      return { situation, label, cells: ways.map(cellOf) }
    }),
  )
  return { ways, rows }
}

function cell(arm: ArmDocument | undefined, measure: string, check: string | undefined): Cell | undefined {
  const row = arm && measureRows(arm).find(each => each.measure === measure)
  return row && { words: measuredText(row), failed: arm.checks.some(({ name, verdict }) => name === check && verdict === 'fail') }
}

/** The cells as texts, for Markdown. */
export function waysTexts({ ways, rows }: Ways): { head: string[]; rows: string[][] } {
  const texts = rows.map(({ situation, label, cells }) => [
    situation,
    label,
    ...cells.map(each => (each === undefined ? '–' : `${each.words}${each.failed ? ' ✕' : ''}`)),
  ])
  return { head: ['situation', 'measure', ...ways], rows: texts }
}

export function waysTable(ways: Ways, timeScale: number): Html {
  const columns = [{ head: 'situation' }, ...ways.ways.map(head => ({ head, figures: true }))]
  const rows = ways.rows.map(({ situation, label, cells }, i) => {
    const first = ways.rows[i - 1]?.situation !== situation
    return [
      html`<span class="${first ? 'situation' : 'unseen'}">${situation}</span><span class="what">${label}</span>`,
      ...cells.map(each =>
        each === undefined ? html`<span class="none">–</span>` : html`<span class="${each.failed ? 'fail' : ''}">${each.words}</span>`,
      ),
    ]
  })
  return html`<div class="ways">${table('What each way loses, and how long people wait', columns, rows)}</div>
<p class="small">The same prompts in all arms. A wait runs from asking until the answer begins; red: a check failed. The GPUs work ${timeScale} x as fast as real ones, so one second of a queue here is ${timeScale} s there. The way through nodes and broker has its real length.</p>`
}
