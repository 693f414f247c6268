import junit, { type Builder } from 'junit-report-builder'
import type { RunDocument } from '#evidence/run-document'
import { verdictTexts } from './finding-words.ts'
import { type Skipped, skippedText } from './skipped.ts'
import { witnessLines } from './witness.ts'
import { printable, roleOf } from './words.ts'

/** CommonJS with types of a default export: the import is the builder itself. */
const shared = junit as unknown as Builder

/** Runs for CI: a suite per scenario, a case per arm. A broken control passes; unknown is an error.
 *  Pure. */
export function junitXml(runs: readonly RunDocument[], skipped: readonly Skipped[] = []): string {
  return junitOf(
    'Prefetch Lab scenarios',
    runs.map(run => ({
      run,
      name: run.scenario,
      cases: run.arms.map(arm => ({
        name: `${roleOf(arm)}: ${arm.name}`,
        verdict: arm.verdict,
        detail: verdictTexts(arm).join('\n'),
        lines: witnessLines(arm.checks),
        tookMs: arm.tookMs,
      })),
    })),
    skipped,
  )
}

interface Suite {
  run: Pick<RunDocument, 'seed' | 'tookMs' | 'command' | 'commit' | 'versions' | 'startedAt'>
  name: string
  cases: { name: string; verdict: 'pass' | 'broke' | 'fail' | 'unknown'; detail: string; lines?: string[]; tookMs?: number }[]
}

/** The library drops control characters and lone surrogates; here they stay visible. */
export function junitOf(title: string, suites: readonly Suite[], skipped: readonly Skipped[] = []): string {
  const builder = shared.newBuilder().name(title)
  for (const { run, name, cases } of suites) {
    const suite = builder
      .testSuite()
      .name(printable(`${name}, seed ${run.seed}`))
      .time(run.tookMs / 1_000)
    const facts = { command: run.command, commit: run.commit.id, broker: run.versions.broker }
    for (const [fact, value] of Object.entries(facts)) suite.property(fact, printable(value))
    suite.timestamp(printable(run.startedAt))
    for (const each of cases) {
      const testCase = suite.testCase().className(printable(name)).name(printable(each.name))
      if (each.tookMs !== undefined) testCase.time(each.tookMs / 1_000)
      const [detail, again] = [printable(each.detail), `again: ${run.command}`]
      if (each.verdict === 'unknown') testCase.error(detail, 'unknown', printable(again))
      // xmlbuilder 15.1 splits only the first end of a CDATA section that stands in the text.
      const lines = printable([...(each.lines ?? []), again].join('\n')).replaceAll(']]>', ']] >')
      if (each.verdict === 'fail') testCase.failure(detail, 'fail').stacktrace(lines)
    }
  }
  for (const one of skipped) builder.testSuite().name(one.scenario).testCase().className(one.scenario).name(skippedText(one)).skipped()
  return builder.build()
}
