/** `npm test [unit|lab] [FILTER…]`: what CI runs. Types, lint, unused code, then every test; the last line is `N passed, N failed, N skipped`. */
import { startVitest } from 'vitest/node'
import { EXIT } from '#contracts/parts'
import { ensureNativePackages } from './setup/packages.ts'
import { SetupError } from './setup/setup-error.ts'
import { type Counts, countTests } from './test/count.ts'
import { runGates } from './test/gates.ts'

const args = process.argv.slice(2)
const project = args[0] === 'unit' || args[0] === 'lab' ? args[0] : undefined
const filters = project === undefined ? args : args.slice(1)
const root = `${import.meta.dirname}/..`

const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
function add(more: Partial<Counts>): void {
  for (const key of ['passed', 'failed', 'skipped'] as const) counts[key] += more[key] ?? 0
}

if (project !== 'unit') {
  try {
    await ensureNativePackages({ install: process.env['PREFETCH_LAB_NO_INSTALL'] !== '1' })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`${error.code}: ${error.message}\nWithout a lab: npm run test:unit`)
    process.exit(error.exitCode)
  }
}
if (project === undefined && filters.length === 0) add(await runGates(root))

for (const name of project === undefined ? ['unit', 'lab'] : [project]) {
  // One vitest per project: the lab's tests get the machine for themselves.
  const vitest = await startVitest('test', filters, { root, project: [name], run: true, watch: false, reporters: ['default'] })
  const counted = countTests(vitest.state.getTestModules(), vitest.state.getUnhandledErrors().length)
  await vitest.close()
  add(counted)
}

if (counts.passed + counts.failed === 0) {
  console.log(`no test matches ${filters.join(' ')}`)
  counts.failed = 1
}
process.exitCode = counts.failed === 0 ? EXIT.ok : EXIT.failed
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit()
