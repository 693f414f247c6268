import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { findingText } from '../finding-words.ts'
import { countsText, inBand, inGpuTime, keyRows, type MeasureRow, measureRows, rowText } from '../measures.ts'
import { quantity, roleOf } from '../words.ts'
import { mark } from './badges.ts'
import { bandChart } from './bands.ts'
import { folded, type Html, html, table } from './html.ts'
import { measureLegend } from './legend.ts'

/** Claims: measured beside ideal, predicted and allowed. Pure. */

export function claimsSection({ arms }: RunDocument): Html {
  const measures = [...new Set(arms.flatMap(arm => keyRows(arm).map(({ measure }) => measure)))]
  return html`<ul class="arms">${arms.map(
    (
      arm,
      i,
    ) => html`<li><span class="letter">${letterOf(i)}</span> ${arm.name}<span class="small">, ${[roleOf(arm), countsText(arm)].filter(words => words !== '').join('; ')}</span></li>
`,
  )}</ul>
${measures.length > 0 && measureLegend()}${measures.map(measure => measureFigure(arms, measure))}
<div class="claims">${checksTable(arms)}</div>
${folded('What each check found', findingsTable(arms))}
${folded('Every measure', everyMeasure(arms))}`
}

function rowsOf(arms: readonly ArmDocument[], measure: string): { letter: string; name: string; row: MeasureRow }[] {
  return arms.flatMap((arm, i) => {
    const row = measureRows(arm).find(each => each.measure === measure)
    return row === undefined ? [] : [{ letter: letterOf(i), name: arm.name, row }]
  })
}

function measureFigure(arms: readonly ArmDocument[], measure: string): Html {
  const rows = rowsOf(arms, measure)
  const label = rows[0]?.row.label ?? measure
  return html`<figure class="measure"><figcaption><h3>${label[0]?.toUpperCase()}${label.slice(1)}</h3></figcaption>
<div>${bandChart(label, rows)}</div>${measureTable(label, rows)}</figure>`
}

function measureTable(label: string, rows: ReturnType<typeof rowsOf>): Html {
  return table(
    `${label}, measured beside what it could and should be`,
    [
      { head: 'arm' },
      { head: 'measured', figures: true },
      { head: 'ideal', figures: true },
      { head: 'predicted (band)', figures: true },
      { head: 'limit', figures: true },
    ],
    rows.map(({ letter, row }) => {
      const { measured, ideal, limit } = rowText(row)
      return [
        letter,
        row.timeScale === undefined
          ? measured
          : html`${measured} <span class="below">${rowText(inGpuTime(row)).measured} of GPU time</span>`,
        ideal || '–',
        bandCell(row),
        row.limit === undefined ? '–' : html`${limit} ${mark(row.limit.verdict, `${row.limit.check}: ${row.limit.verdict}`)}`,
      ]
    }),
  )
}

/** The band goes below its value where there is little room. */
function bandCell(row: MeasureRow): Html | string {
  if (row.predicted === undefined) return '–'
  const [verdict, word] = inBand(row) ? (['pass', 'in the band'] as const) : (['fail', 'outside the band'] as const)
  return html`${quantity(row.predicted.value, row.unit)} <span class="below">${rowText(row).band} ${mark(verdict, word)}</span>`
}

function checksTable(arms: readonly ArmDocument[]): Html {
  const names = [...new Set(arms.flatMap(arm => arm.checks.map(({ name }) => name)))]
  const claims = new Map(arms.flatMap(arm => arm.checks.map(({ name, claim }) => [name, claim])))
  const cell = (arm: ArmDocument, name: string) => {
    const verdict = arm.checks.find(check => check.name === name)?.verdict
    if (verdict === undefined) return html`<span class="none">–<span class="unseen"> not judged</span></span>`
    return verdict === 'fail' && arm.verdict === 'broke' ? mark('fail', 'fails, as it must or may', 'meant') : mark(verdict, verdict)
  }
  return html`${table(
    'Checks by arm',
    [{ head: 'what must hold' }, ...arms.map((_, i) => ({ head: letterOf(i) }))],
    names.map(name => [
      html`<span class="claimed"><b>${name}</b><span class="what">${claims.get(name)}</span></span>`,
      ...arms.map(arm => cell(arm, name)),
    ]),
  )}
<p class="small"><span class="mark pass" aria-hidden="true">✓</span> holds &ensp; <span class="mark fail" aria-hidden="true">✕</span> fails &ensp; <span class="mark meant" aria-hidden="true">✕</span> fails, and
must or may in this control &ensp; <span class="mark unknown" aria-hidden="true">?</span> unknown, not a pass &ensp; – not judged in this arm</p>`
}

function findingsTable(arms: readonly ArmDocument[]): Html {
  return table(
    'Findings',
    [{ head: 'arm' }, { head: 'check' }, { head: 'verdict' }, { head: 'what was found' }],
    arms.flatMap((arm, i) => arm.checks.map(check => [letterOf(i), check.name, check.verdict, findingText(check)])),
  )
}

function everyMeasure(arms: readonly ArmDocument[]): Html {
  const names = [...new Set(arms.flatMap(arm => Object.keys(arm.measures)))]
  const value = (arm: ArmDocument, name: string) => {
    const measured = arm.measures[name]
    return measured === undefined ? '' : String(Number(measured.toPrecision(6)))
  }
  return table(
    'Every measure, in the unit of its name',
    [{ head: 'measure' }, ...arms.map((_, i) => ({ head: letterOf(i), figures: true }))],
    names.map(name => [name, ...arms.map(arm => value(arm, name))]),
  )
}
