import type { LoadDocument } from '#evidence/load-document'
import { codeWords, findingText, verdictText } from '../finding-words.ts'
import { junitOf } from '../junit.ts'
import { limitTexts } from './words.ts'

/** A load test for CI: a case per limit and check; unknown is an error. Pure. */
export function loadJunit(load: LoadDocument): string {
  const cases = [
    { name: 'the run as a whole', verdict: load.verdict, detail: verdictText(load) },
    ...load.thresholds.map(each => ({
      name: `limit: ${codeWords(each.name)}`,
      verdict: each.verdict,
      detail: limitTexts(each, load.timeScale).join(', '),
    })),
    ...load.checks.map(check => ({ name: `check: ${check.name}`, verdict: check.verdict, detail: findingText(check) })),
  ]
  return junitOf('Prefetch Lab load tests', [{ run: load, name: `load ${load.workload}`, cases }])
}
