import type { Finding, OwnWorkerCode, Verdict } from '#evidence/finding'
import type { RunDocument } from '#evidence/run-document'
import { columnsOf, paragraph, wrap } from '../../services/terminal/text.ts'
import { codeWords, findingText } from '../finding-words.ts'
import type { Ink } from '../ink.ts'
import { ADVICE, type Advice } from './advice.ts'
import { CLAUSES } from './words.ts'

/** A contract in one screen: each clause with its verdict; of a broken one what to change. Pure. */

export interface Clause {
  clause: string
  verdict: Verdict
  /** What must hold. */
  expected: string
  /** What was found, in the arm that decides. */
  seen: string
  /** Of a broken clause. */
  change?: Advice
}

/** A check that each arm has: a clause for each of them. */
const EACH = 'task-answered'
const WORST: readonly Verdict[] = ['fail', 'unknown', 'pass']

/** Clauses of a run in which a user's own worker was tried. */
export function clausesOf({ arms }: Pick<RunDocument, 'arms'>): Clause[] {
  const findings = arms.flatMap(({ name, checks }) => checks.map(finding => ({ arm: name, finding })))
  const survives = findings.filter(({ finding }) => finding.name === EACH).map(one => clauseOf(`${CLAUSES[EACH]}: ${one.arm}`, [one]))
  const others = Map.groupBy(
    findings.filter(({ finding }) => finding.name !== EACH),
    ({ finding }) => finding.name,
  )
  return [...survives, ...[...others].map(([name, of]) => clauseOf(CLAUSES[name] ?? codeWords(name), of))]
}

function clauseOf(clause: string, of: readonly { arm: string; finding: Finding }[]): Clause {
  const worst = WORST.flatMap(verdict => of.filter(({ finding }) => finding.verdict === verdict))[0]
  if (worst === undefined) throw new Error(`${clause} was never judged`)
  const { arm, finding } = worst
  const { verdict, claim, breaches } = finding
  const [first] = breaches
  const where = verdict === 'pass' || of.length === 1 ? '' : `${arm}: `
  const change = first === undefined ? undefined : ADVICE[first.code as OwnWorkerCode]
  const count = of.reduce((sum, one) => sum + (one.finding.judged?.count ?? 0), 0)
  const all = finding.judged === undefined ? finding : { ...finding, judged: { ...finding.judged, count } }
  const seen = findingText(verdict === 'pass' ? all : finding)
  return { clause, verdict, expected: claim, seen: `${where}${seen}`, ...(verdict === 'pass' || change === undefined ? {} : { change }) }
}

const STYLES = { pass: 'green', fail: 'red', unknown: 'yellow' } as const
const VERDICT_COLUMNS = 10

export function clauseLines(clauses: readonly Clause[], width: number, ink: Ink): string[] {
  return clauses.flatMap(({ clause, verdict, expected, seen, change }) => {
    const head = `  ${ink(STYLES[verdict], verdict)}${' '.repeat(VERDICT_COLUMNS - verdict.length - 2)}${clause}`
    const plain = VERDICT_COLUMNS + columnsOf(clause)
    if (verdict === 'pass') return [plain + columnsOf(seen) + 2 <= width ? `${head}${ink('dim', `  ${seen}`)}` : head]
    const indent = ' '.repeat(VERDICT_COLUMNS)
    const about = (label: string, text: string) => wrap(`${indent}${label.padEnd(10)}`, text, width, VERDICT_COLUMNS + 10)
    const { change: first, ...clients } = change ?? { change: '' }
    return [
      head,
      ...about('expected', expected),
      ...about('seen', seen),
      ...(first === '' ? [] : about('change', first)),
      ...Object.entries(clients).flatMap(([client, text]) => about(`  ${client}`, text)),
    ]
  })
}

/** The run of a user's worker. */
export function contractLines(run: RunDocument, width: number, ink: Ink): string[] {
  const clauses = clausesOf(run)
  const count = (verdict: Verdict) => clauses.filter(clause => clause.verdict === verdict).length
  return [
    ...paragraph(run.asked?.own?.command ?? '', width, '  '),
    `  Of ${clauses.length} clauses ${count('pass')} passed, ${count('fail')} failed, ${count('unknown')} unknown.`,
    '',
    ...clauseLines(clauses, width, ink),
  ]
}
