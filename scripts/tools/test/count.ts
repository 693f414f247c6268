import type { TestModule } from 'vitest/node'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Tests by outcome. A file that could not be loaded and an error outside any test count as failures: neither may hide behind green tests. */
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
