import imported, { type Builder } from 'junit-report-builder'
import type { RunDocument } from '#checks/run-document'
import { witnessText } from './witness.ts'
import { asItShould, printable } from './words.ts'

/** What Node hands over is the builder itself; the package's types, made for bundlers, put it one step deeper. */
const builder = imported as unknown as Builder

/** Runs as JUnit XML: a suite a scenario, a case an arm. A control passed when it broke; unknown is an error, since it is no pass. Pure. */
export function junitXml(runs: readonly RunDocument[]): string {
  const report = builder.newBuilder()
  for (const run of runs) {
    const suite = report
      .testSuite()
      .name(`${run.scenario}, seed ${run.seed}`)
      .timestamp(run.startedAt)
      .time(run.tookMs / 1_000)
    for (const arm of run.arms) {
      const item = suite
        .testCase()
        .className(run.scenario)
        .name(printable(`${arm.role}: ${arm.name}`))
        .time(arm.tookMs / 1_000)
      if (asItShould(arm)) continue
      const witnesses = arm.checks.flatMap(check => (check.verdict === 'fail' ? check.witnesses : [])).map(witnessText)
      const text = printable([arm.detail, ...witnesses, `again: ${run.command}`].join('\n'))
      if (arm.verdict === 'fail') item.failure(text, 'fail')
      else item.error(printable(arm.detail), 'unknown', text)
    }
  }
  return report.build()
}
