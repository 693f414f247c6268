import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { tableText } from '../services/terminal/table.ts'
import { paragraph, wrap } from '../services/terminal/text.ts'
import { verdictText, verdictTexts } from './finding-words.ts'
import { bandText, inGpuTime, keyRows, type MeasureRow, measureRows } from './measures.ts'
import { counted, printable, quantity, roleOf } from './words.ts'

/** What somebody's own values do, beside the scenario's own arms, in one screen. Pure. */

/** Beside name and verdict as many fit into 80 columns. */
const MEASURES = 3
const BEYOND = '✕'
/** What the machine did: no result of a value. */
const LEFT_OUT = new Set(['gapMidMs', 'gapMeanMs', 'gapP50Ms'])

/** @param runs of one scenario with the same values: repetitions and seeds */
export function changedText(runs: readonly RunDocument[], width = 80): string {
  const [first] = runs
  if (first === undefined) return ''
  const shown = first.arms.find(arm => arm.changed !== undefined) ?? first.arms[0]
  const measures =
    shown === undefined
      ? []
      : keyRows(shown)
          .filter(row => !LEFT_OUT.has(row.measure))
          .slice(0, MEASURES)
  const rows = first.arms.map((arm, i) => [
    letterOf(i),
    roleOf(arm),
    printable(arm.name),
    ...measures.map(row => cell(armsAt(runs, i), row)),
    verdicts(armsAt(runs, i)),
  ])
  return [
    tableText([['', 'role', 'arm', ...measures.map(({ label }) => label), 'verdict'], ...rows], { columns: width }),
    ...clockNotes(measures),
    ...(rows.flat().some(text => text.endsWith(BEYOND)) ? [`${BEYOND} beyond the limit of the claim`] : []),
    ...first.arms.flatMap((arm, i) => (arm.changed === undefined ? [] : told(arm, i, runs, width))),
  ].join('\n')
}

/** Says which clock the columns have, where a time scale parts the two. */
function clockNotes(measures: readonly MeasureRow[]): string[] {
  const scaled = measures.filter(({ timeScale }) => timeScale !== undefined)
  const [first] = scaled
  if (first?.timeScale === undefined) return []
  return [
    `${scaled.map(({ label }) => label).join(', ')}: in GPU time; on the wall 1/${first.timeScale} of it (time scale ${first.timeScale})`,
  ]
}

/** The same arm of each run; one that was cut short has fewer. */
const armsAt = (runs: readonly RunDocument[], i: number) => runs.flatMap(run => run.arms[i] ?? [])

/** One value, or the middle and both ends of several; marked where it is beyond its limit. */
function cell(arms: readonly ArmDocument[], { measure, unit }: MeasureRow): string {
  const rows = arms
    .flatMap(arm => measureRows(arm).find(row => row.measure === measure) ?? [])
    .map(inGpuTime)
    .sort((a, b) => a.measured - b.measured)
  const [low, middle, high] = [rows[0], rows[Math.floor((rows.length - 1) / 2)], rows.at(-1)]
  if (low === undefined || middle === undefined || high === undefined) return '-'
  const mark = middle.limit !== undefined && middle.measured > middle.limit.atMost ? ` ${BEYOND}` : ''
  const ends = rows.length === 1 ? '' : ` (${bandText({ low: low.measured, high: high.measured }, unit)})`
  return `${quantity(middle.measured, unit)}${ends}${mark}`
}

function verdicts(arms: readonly ArmDocument[]): string {
  const by = Map.groupBy(arms, ({ verdict }) => verdict)
  return [...by].map(([verdict, all]) => (arms.length === 1 ? verdict : `${all.length} x ${verdict}`)).join(', ')
}

/** Whether the claim holds with the values, and what failed. */
function told(arm: ArmDocument, i: number, runs: readonly RunDocument[], width: number): string[] {
  const all = armsAt(runs, i)
  const count = (verdict: string) => all.filter(each => each.verdict === verdict).length
  const bad = all.find(({ verdict }) => verdict !== 'pass')
  const end = bad === undefined ? 'the claim holds' : bad.verdict === 'fail' ? 'the claim does not hold' : 'not known'
  const why = bad === undefined ? verdictText(arm) : verdictTexts(bad).join('; ')
  const unknown = count('unknown') === 0 ? '' : `, ${count('unknown')} unknown`
  const often = `the claim holds in ${count('pass')} of ${counted(all.length, 'run')}${unknown}`
  return wrap(`${letterOf(i)}  `, `${runs.length === 1 ? end : often}: ${why}`, width, 3)
}

/** What was not run, or was not the scenario's own. */
export function askedNotes({ asked, arms }: Pick<RunDocument, 'asked' | 'arms'>, width = 80): string[] {
  if (asked === undefined) return []
  const notes = [
    arms.some(({ changed }) => changed !== undefined) ? ['changed: judged as a claim, and no control'] : [],
    asked.arms.length === 0 ? [] : [`only the arms asked for (${asked.arms.join(', ')}): ${controlsRan(arms)}`],
    asked.gpus.length + asked.gpu.length === 0 ? [] : ['on GPUs of the command line, not on its own'],
  ].flat()
  return notes.flatMap(note => paragraph(`note: ${note}`, width, '  '))
}

const controlsRan = (arms: RunDocument['arms']) =>
  arms.some(({ role }) => role === 'control') ? 'not all of its controls ran' : 'no control ran, so nothing shows that its checks can fail'
