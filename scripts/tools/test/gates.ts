import { $ } from 'zx'
import { SetupError } from '#contracts/setup-error'

/** What is checked without running anything: types, format and lint, unused code. */
interface Gate {
  name: string
  command: string[]
  /** What to type where it fails. */
  next?: string
}

const GATES: Gate[] = [
  { name: 'types', command: ['node_modules/.bin/tsc', '--noEmit', '-p', '.'] },
  // Inside k6 nothing of Node's is there; the first gate would let it pass.
  { name: 'types inside k6', command: ['node_modules/.bin/tsc', '--noEmit', '-p', 'loadtest/k6'] },
  // In a browser neither.
  { name: 'types in the playground', command: ['node_modules/.bin/tsc', '--noEmit', '-p', 'reports/playground/page'] },
  { name: 'types in the live page', command: ['node_modules/.bin/tsc', '--noEmit', '-p', 'reports/console/page'] },
  { name: 'lint', command: ['node_modules/.bin/biome', 'check', '--error-on-warnings', '.'], next: 'npm run fix' },
  { name: 'unused', command: ['node_modules/.bin/knip', '--no-progress'] },
]
/** Among the unit tests too, so `npm test` needs it no second time. */
const TIDY: Gate = {
  name: 'rules of the project',
  command: ['node_modules/.bin/vitest', 'run', '--project', 'unit', 'scripts/tools/test/tidy', 'scripts/tools/test/docs'],
  next: 'npm test unit tools/test',
}

/** Runs every gate, prints what the failing ones said, and returns how many passed and failed. */
export async function runGates(cwd: string, { tidy = false } = {}): Promise<{ passed: number; failed: number }> {
  const results = await Promise.all(
    [...GATES, ...(tidy ? [TIDY] : [])].map(async gate => {
      const run = await $({ cwd, nothrow: true, quiet: true })`${gate.command}`
      // It could not be started, or was killed: that says nothing of the code.
      if (run.exitCode === null || run.exitCode > 125)
        throw new SetupError(
          'PACKAGES_MISSING',
          `${gate.command.join(' ')} ended with ${run.signal ?? run.exitCode}: ${run.stderr}\nPerhaps memory ran out, or a package is broken. Install the packages again:\n  npm ci`,
        )
      return { gate, run }
    }),
  )
  let failed = 0
  for (const { gate, run } of results) {
    if (run.exitCode === 0) {
      console.log(`✓ ${gate.name}`)
    } else {
      failed += 1
      console.log(
        `✗ ${gate.name}: ${gate.command.join(' ')}\n${run.stdout}${run.stderr}${gate.next === undefined ? '' : `Type:\n  ${gate.next}`}`,
      )
    }
  }
  return { passed: results.length - failed, failed }
}
