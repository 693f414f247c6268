import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { columnsOf, padded, paragraph, wrap } from '../services/terminal/text.ts'
import { askedNotes, changedText } from './changed.ts'
import { verdictText, verdictTexts } from './finding-words.ts'
import { type Ink, plainInk } from './ink.ts'
import { clockedRows, clockText, countsText, inBand, keyRows, type MeasureRow, rowText } from './measures.ts'
import { contractLines } from './own-worker/clauses.ts'
import { duration } from './predict/text.ts'
import { type Skipped, skippedText } from './skipped.ts'
import { witnessLines } from './witness.ts'
import { asPlanned, counted, printable, rateBoundPercent, worstFirst } from './words.ts'

/** Runs for a terminal: the verdict and the claim first, what failed before what passed. Pure. */

export type { Ink }

export interface StoredRun {
  document: RunDocument
  /** Where its evidence lies. */
  folder: string
  /** It ended unknown and was run again: the later run counts. */
  retried?: true
}

export interface SummaryOptions {
  /** Default: no colour. */
  ink?: Ink
  /** Columns. Default 80. */
  width?: number
  /** What did not run. */
  skipped?: readonly Skipped[]
}

const WIDTH_MIN = 40
/** Narrower terminals get measures as sentences. Columns. */
const TABLE_FROM = 72

/** A scenario's start: its claim, its arms, and what each control must break. */
export function startText({ claim, arms, controls }: Beginning, width = 80): string {
  const who = [
    ...arms.filter(({ changed }) => changed === undefined).map(({ name }) => ['claim  ', name] as const),
    ...controls.map(({ name, breaks, because }) => ['control', `${name}: ${breaks} must fail, because ${because}`] as const),
    ...arms.filter(({ changed }) => changed !== undefined).map(({ name }) => ['changed', name] as const),
  ]
  return [...paragraph(claim, width, '  '), ...who.flatMap(([role, text], i) => wrap(`  ${letterOf(i)} ${role}  `, text, width, 13))].join(
    '\n',
  )
}

interface Beginning {
  claim: string
  arms: readonly { name: string; changed?: readonly string[] }[]
  controls: readonly { name: string; breaks: string; because: string }[]
}

export function summaryText(runs: readonly StoredRun[], { ink = plainInk, width = 80, skipped = [] }: SummaryOptions = {}): string {
  const columns = Math.max(WIDTH_MIN, width)
  const sorted = worstFirst(runs.map(run => ({ ...run, verdict: run.document.verdict })))
  const blocks = sorted.map(run => runLines(run, runs.length > 1, columns, ink).join('\n'))
  const documents = runs.filter(run => run.retried !== true).map(({ document }) => document)
  const count = (verdict: RunDocument['verdict']) => documents.filter(run => run.verdict === verdict).length
  const last = `${count('pass')} passed, ${count('fail')} failed, ${count('unknown')} unknown${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`
  const end = [...paragraph(together(documents), columns), ...skipped.flatMap(one => paragraph(skippedText(one), columns)), last]
  return [...blocks, ...togetherOf(documents, columns), end.join('\n')].join('\n\n')
}

const STYLES = { pass: 'green', broke: 'green', fail: 'red', unknown: 'yellow' } as const

function runLines({ document: run, folder, retried }: StoredRun, among: boolean, width: number, ink: Ink): string[] {
  const verdict = ink('bold', ink(STYLES[run.verdict], run.verdict.toUpperCase()))
  const size = `(${counted(run.arms.length, 'arm')}, ${duration(run.tookMs)})`
  const lines = [
    `${verdict} ${ink('bold', run.scenario)} ${ink('dim', `${size}${among ? `, seed ${run.seed}` : ''}`)}${retried === true ? ' unknown, run again' : ''}`,
  ]
  // Of many runs, those that passed are shown by their arms alone.
  const isBrief = among && run.verdict === 'pass'
  if (run.asked?.own !== undefined) return [...lines, ...contractLines(run, width, ink), ...lastLines(run, folder, ink)]
  const isOwn = run.arms.some(({ changed }) => changed !== undefined)
  // Their arms stand together below.
  if (among && isOwn) return [...lines, ink('dim', `  ${folder}`)]
  if (!isBrief) lines.push(...paragraph(run.claim, width, '  '))
  lines.push(...askedNotes(run, width))
  if (isOwn) return [...lines, '', ...ownLines(run, folder, width, ink)]
  const { arms } = run
  const nameWidth = Math.max(...arms.map(arm => columnsOf(arm.name)), 0)
  if (!isBrief && width >= TABLE_FROM && arms.some(arm => keyRows(arm).length > 0))
    lines.push(ink('dim', headLine(clockText(arms.flatMap(keyRows)))))
  for (const [i, arm] of arms.entries()) lines.push(...armLines(arm, { letter: letterOf(i), nameWidth, width, isBrief, ink }))
  return [...lines, ...lastLines(run, folder, ink)]
}

function lastLines({ verdict, command }: RunDocument, folder: string, ink: Ink): string[] {
  if (verdict === 'pass') return [ink('dim', `  ${folder}`)]
  return [`  ${ink('bold', 'Again:')}    ${command}`, `  ${ink('bold', 'Evidence:')} ${folder}`]
}

/** Runs with somebody's own values: those of one scenario in one table. */
function togetherOf(documents: readonly RunDocument[], width: number): string[] {
  if (documents.length < 2) return []
  const own = documents.filter(({ arms }) => arms.some(({ changed }) => changed !== undefined))
  return [...Map.groupBy(own, run => JSON.stringify([run.scenario, run.asked])).values()].flatMap(same => {
    const [first] = same
    if (first === undefined) return []
    return [
      `${first.scenario}, ${same.length === 1 ? '1 run' : `${same.length} runs: middle (least–most)`}`,
      ...paragraph(first.claim, width, '  '),
      ...askedNotes(first, width),
      '',
      changedText(same, width),
      `Again: ${first.command}`,
    ].join('\n')
  })
}

/** With somebody's own values: one line an arm. */
function ownLines(run: RunDocument, folder: string, width: number, ink: Ink): string[] {
  const changed = run.arms.findIndex(arm => arm.changed !== undefined)
  return [
    changedText([run], width),
    '',
    `${ink('bold', 'Compare:')}  npm run report -- compare ${folder}#A ${folder}#${letterOf(changed)}`,
    `${ink('bold', 'Again:')}    ${run.command}`,
    `${ink('bold', 'Evidence:')} ${folder}`,
  ]
}

function armLines(
  arm: ArmDocument,
  { letter, nameWidth, width, isBrief, ink }: { letter: string; nameWidth: number; width: number; isBrief: boolean; ink: Ink },
): string[] {
  const good = asPlanned(arm)
  const word = ink(STYLES[arm.verdict], arm.verdict)
  const name = printable(arm.name)
  const role = `  ${padded(letter, 3)}${padded(arm.role, 8)}`
  const head = `${role}${padded(name, nameWidth + 2)}${word}`
  const lines = columnsOf(head) <= width ? [head] : [`${role}${word}`, ...paragraph(name, width, '          ')]
  if (!good) {
    for (const text of verdictTexts(arm)) lines.push(...paragraph(text, width, '    '))
    for (const witness of witnessLines(arm.checks)) lines.push(...paragraph(`- ${witness}`, width, '      ').map(line => ink('dim', line)))
  } else if (arm.verdict === 'broke')
    lines.push(...paragraph(`as it must: ${verdictText(arm)}`, width, '    ').map(line => ink('dim', line)))
  if (isBrief) return lines
  const rows = clockedRows(keyRows(arm))
  if (rows.length === 0) return [...lines, ...[countsText(arm)].filter(words => words !== '').map(words => ink('dim', `    ${words}`))]
  return [...lines, ...rows.flatMap(row => (width >= TABLE_FROM ? [tableLine(row)] : paragraph(rowSentence(row), width, '    ')))]
}

/** Columns of the table: measure, measured, ideal, predicted with its band, limit. */
const COLUMNS = [23, 9, 8, 24, 12] as const

function line(cells: readonly [string, string, string, string, string]): string {
  const [first, ...others] = cells
  return `    ${padded(first, COLUMNS[0])}${others.map((cell, i) => padded(cell, COLUMNS[i + 1]!, 'right')).join('')}`.trimEnd()
}

function headLine(clock: string): string {
  return line([clock, 'measured', 'ideal', 'predicted (band)', 'limit'])
}

function tableLine(row: MeasureRow): string {
  const { measured, ideal, predicted, limit } = rowText(row)
  const mark = (sign: string) => (sign === '' ? '' : ` ${sign}`)
  const band = inBand(row) === false ? '✕' : ''
  const kept = row.limit === undefined ? '' : { pass: '', fail: '✕', unknown: '?' }[row.limit.verdict]
  return line([row.label, measured, ideal || '-', `${predicted || '-'}${mark(band)}`, `${limit || '-'}${mark(kept)}`])
}

function rowSentence(row: MeasureRow): string {
  const { measured, ideal, predicted, limit } = rowText(row)
  const parts = [`${row.label} ${measured}`, ideal && `ideal ${ideal}`, predicted && `predicted ${predicted}`, limit && `limit ${limit}`]
  return parts.filter(part => part !== '').join('; ')
}

/** What many runs of one scenario say together. */
function together(runs: readonly RunDocument[]): string {
  const sentences = [...Map.groupBy(runs, run => run.scenario)].flatMap(([scenario, own]) => {
    if (own.length < 2 || own.some(run => run.verdict !== 'pass')) return []
    return [
      `${scenario}: ${own.length} runs without a violation; with 95 % confidence fewer than ${rateBoundPercent(own.length).toFixed(0)} % of runs have one.`,
    ]
  })
  return sentences.join(' ')
}
