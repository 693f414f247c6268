import junit, { type Builder } from 'junit-report-builder'
import type { LoadDocument } from '#evidence/load-document'
import { findingText, verdictText } from '../finding-words.ts'
import { printable } from '../words.ts'
import { boundText, thresholdValue } from './words.ts'

/** CommonJS with types of a default export: the import is the builder itself. */
const shared = junit as unknown as Builder

/** A load test for CI: a case per limit and check; unknown is an error. Pure. */
export function loadJunit(load: LoadDocument): string {
  const { workload, seed, tookMs, command, startedAt, thresholds, checks } = load
  const builder = shared.newBuilder().name('Prefetch Lab load tests')
  const suite = builder
    .testSuite()
    .name(printable(`load ${workload}, seed ${seed}`))
    .time(tookMs / 1_000)
  suite
    .property('command', printable(command))
    .property('commit', printable(load.commit.id))
    .property('broker', printable(load.versions.broker))
  suite.timestamp(printable(startedAt))
  const cases = [
    { name: 'the run as a whole', verdict: load.verdict, detail: verdictText(load) },
    ...thresholds.map(each => ({
      name: `limit: ${each.name}`,
      verdict: each.verdict,
      detail: `${thresholdValue(each.value, each)}, ${boundText(each)}`,
    })),
    ...checks.map(check => ({ name: `check: ${check.name}`, verdict: check.verdict, detail: findingText(check) })),
  ]
  for (const { name, verdict, detail } of cases) {
    const testCase = suite
      .testCase()
      .className(printable(`load ${workload}`))
      .name(printable(name))
    if (verdict === 'unknown') testCase.error(printable(detail), 'unknown', printable(`again: ${command}`))
    if (verdict === 'fail') testCase.failure(printable(detail), 'fail').stacktrace(printable(`again: ${command}`).replaceAll(']]>', ']] >'))
  }
  return builder.build()
}
