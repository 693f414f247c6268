import junit, { type Builder, type TestCase } from 'junit-report-builder'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { verdictTexts } from './finding-words.ts'
import { witnessLines } from './witness.ts'
import { printable } from './words.ts'

/** CommonJS with types of a default export: the import is the builder itself. */
const shared = junit as unknown as Builder

/** Runs for CI: a suite per scenario, a case per arm. A broken control passes; unknown is an error.
 *  The library drops control characters and lone surrogates; here they stay visible. Pure. */
export function junitXml(runs: readonly RunDocument[]): string {
  const builder = shared.newBuilder().name('Prefetch Lab scenarios')
  for (const run of runs) {
    const suite = builder
      .testSuite()
      .name(printable(`${run.scenario}, seed ${run.seed}`))
      .time(run.tookMs / 1_000)
    suite
      .property('command', printable(run.command))
      .property('commit', printable(run.commit.id))
      .property('broker', printable(run.versions.broker))
    suite.timestamp(printable(run.startedAt))
    for (const arm of run.arms) {
      const testCase = suite
        .testCase()
        .className(printable(run.scenario))
        .name(printable(`${arm.role}: ${arm.name}`))
        .time(arm.tookMs / 1_000)
      judge(testCase, arm, run.command)
    }
  }
  return builder.build()
}

function judge(testCase: TestCase, arm: ArmDocument, command: string): void {
  const detail = printable(verdictTexts(arm).join('\n'))
  if (arm.verdict === 'unknown') testCase.error(detail, 'unknown', printable(`again: ${command}`))
  if (arm.verdict !== 'fail') return
  const lines = [...witnessLines(arm.checks), `again: ${command}`].join('\n')
  // xmlbuilder 15.1 splits only the first end of a CDATA section that stands in the text.
  testCase.failure(detail, 'fail').stacktrace(printable(lines).replaceAll(']]>', ']] >'))
}
