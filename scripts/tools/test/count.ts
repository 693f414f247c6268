import type { TestModule } from 'vitest/node'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Tests by outcome. Load errors and errors outside tests are failures too. */
export function countTests(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    let own = 0
    for (const test of module.children.allTests()) {
      own += 1
      const { state } = test.result()
      if (state === 'passed') counts.passed += 1
      else if (state === 'skipped') counts.skipped += 1
      else counts.failed += 1 // 'failed', or 'pending': it never ended
    }
    const suitesFailed = module.errors().length > 0
    if (suitesFailed || (own === 0 && module.state() !== 'skipped')) counts.failed += 1
  }
  return counts
}

/** Each file with its seconds, slowest first: `  12.3 s  lab   scenarios/chat-path.lab.ts`. */
export function slowestFirst(modules: readonly TestModule[]): string[] {
  return modules
    .map(module => ({ module, ms: module.diagnostic().duration }))
    .toSorted((a, b) => b.ms - a.ms)
    .map(({ module, ms }) => `${(ms / 1_000).toFixed(1).padStart(7)} s  ${module.project.name.padEnd(12)} ${module.relativeModuleId}`)
}

/** What failed, and the start of what it said: the end of a long output may be all that somebody
 *  sees of it. */
export function failuresOf(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): string[] {
  const failed = modules.flatMap(module => [
    ...module.errors().map(error => `${module.relativeModuleId}: ${saidOf(error)}`),
    ...[...module.children.allTests()].flatMap(test => {
      const { state, errors } = test.result()
      if (state === 'passed' || state === 'skipped') return []
      return `${module.relativeModuleId} > ${test.fullName}: ${errors?.[0] === undefined ? 'it never ended' : saidOf(errors[0])}`
    }),
  ])
  return [...failed, ...unhandledErrors.map(error => `outside any test: ${saidOf(error)}`)]
}

const SAID_LINES_MAX = 40

/** Of an error, its lines that say something: a run's own words may begin with an empty one. */
function saidOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
  const lines = String(message)
    .split('\n')
    .filter(line => line.trim() !== '')
  return lines.slice(0, SAID_LINES_MAX).join('\n    ')
}
