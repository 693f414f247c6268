import type { ArmDocument, RunDocument } from '#checks/run-document'
import { duration } from '../predict/text.ts'
import { keyRows, rowText } from './measures.ts'
import { WITNESSES_SHOWN, witnessText } from './witness.ts'
import { asItShould, counted, worstFirst } from './words.ts'

/** Runs in a terminal, what needs a look first. Readable without colour. Pure. */

export interface StoredRun {
  document: RunDocument
  folder: string
}

export type Ink = (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string

const STYLES = { pass: 'green', broke: 'green', fail: 'red', unknown: 'yellow' } as const

export function summaryText(runs: readonly StoredRun[], { ink, width }: { ink: Ink; width: number }): string {
  const sorted = worstFirst(runs.map(run => ({ ...run, verdict: run.document.verdict })))
  const count = (verdict: RunDocument['verdict']) => runs.filter(({ document }) => document.verdict === verdict).length
  const last = `${count('pass')} passed, ${count('fail')} failed, ${count('unknown')} unknown`
  return [...sorted.flatMap(run => [...runLines(run, ink, width), '']), last].join('\n')
}

function runLines({ document, folder }: StoredRun, ink: Ink, width: number): string[] {
  const { scenario, verdict, arms, tookMs, seed, command } = document
  const head = `${ink(STYLES[verdict], verdict.toUpperCase().padEnd(7))} ${ink('bold', scenario)}  seed ${seed}, ${counted(arms.length, 'arm')}, ${duration(tookMs)}`
  const foot = verdict === 'pass' ? [ink('dim', `        ${folder}`)] : [`        again: ${command}`, `        evidence: ${folder}`]
  return [head, ...worstFirst(arms).flatMap(arm => armLines(arm, ink, width)), ...foot]
}

function armLines(arm: ArmDocument, ink: Ink, width: number): string[] {
  const lines = [`  ${ink(STYLES[arm.verdict], arm.verdict.padEnd(7))} ${arm.role === 'claim' ? 'claim  ' : 'control'} ${arm.name}`]
  const indent = ' '.repeat(10)
  if (arm.role === 'control' || !asItShould(arm)) lines.push(...wrapped(arm.detail, width, indent).map(line => ink('dim', line)))
  for (const row of keyRows(arm)) {
    const { measured, ideal, predicted, limit } = rowText(row)
    const beside = [ideal && `ideal ${ideal}`, predicted && `predicted ${predicted}`, limit && `limit ${limit}`].filter(Boolean)
    lines.push(...wrapped(`${row.label} ${measured}  (${beside.join(', ')})`, width, indent))
  }
  if (arm.verdict === 'fail' || (arm.verdict === 'unknown' && arm.role === 'claim'))
    for (const check of arm.checks.filter(found => found.verdict === 'fail'))
      for (const event of check.witnesses.slice(0, WITNESSES_SHOWN)) lines.push(...wrapped(witnessText(event), width, `${indent}| `))
  return lines
}

/** Words in lines of at most so many characters, each behind the indent; a longer word stands alone. */
function wrapped(text: string, width: number, indent: string): string[] {
  const room = Math.max(30, width - indent.length)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}
