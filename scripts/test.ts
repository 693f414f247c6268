/** `npm test [unit|lab|docker] [FILTER…]`. Last line: `N passed, N failed, N skipped`. */
import { join } from 'node:path'
import { startVitest, type TestModule } from 'vitest/node'
import { EXIT } from '#contracts/parts'
import { SetupError } from '#contracts/setup-error'
import { ensureNativePackages } from './setup/packages.ts'
import { withDocker } from './tools/docker/with-docker.ts'
import { type Counts, countTests, failuresOf, slowestFirst } from './tools/test/count.ts'
import { LAYERS, nothingMatches } from './tools/test/filters.ts'
import { runGates } from './tools/test/gates.ts'

const USAGE = `npm test                                 types, lint, unused code, every test
npm test [unit|lab|docker] [FILTER...]   files whose name contains a FILTER
npm test lab chat                        for example: tests of a lab, named chat
Exit codes: 0 passed or skipped with a reason, 1 failed, 2 environment, 3 no file matches`

const args = process.argv.slice(2)
if (args.some(word => word === '--help' || word === '-h')) {
  console.log(USAGE)
  process.exit()
}
const project = LAYERS.find(name => name === args[0])
const filters = project === undefined ? args : args.slice(1)
const root = join(import.meta.dirname, '..')
const refusal = nothingMatches(root, project, filters)
if (refusal !== undefined) {
  console.error(refusal)
  process.exit(EXIT.usage)
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
function add(more: Partial<Counts>): void {
  for (const key of ['passed', 'failed', 'skipped'] as const) counts[key] += more[key] ?? 0
}

if (project === undefined || project === 'lab') {
  try {
    await ensureNativePackages({ install: process.env['PREFETCH_LAB_NO_INSTALL'] !== '1' })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`${error.code}: ${error.message}\nWithout a lab: npm run test:unit`)
    process.exit(error.exitCode)
  }
}
if (project === undefined && filters.length === 0) add(await runGates(root))

const files: TestModule[] = []
const failures: string[] = []

/** First those that run beside each other, then those that need the machine alone. */
async function runProjects(...names: string[]): Promise<void> {
  const vitest = await startVitest('test', filters, { root, project: names, run: true, watch: false, reporters: ['default'] })
  const [modules, unhandled] = [vitest.state.getTestModules(), vitest.state.getUnhandledErrors()]
  const counted = countTests(modules, unhandled.length)
  files.push(...modules)
  failures.push(...failuresOf(modules, unhandled))
  await vitest.close()
  add(counted)
}

const LAB = ['lab', 'lab alone']
const DOCKER = ['docker', 'docker alone']

/** @returns whether there was an engine to run with */
async function runWithDocker(...names: string[]): Promise<boolean> {
  let ran = false
  const suite = async () => {
    ran = true
    await runProjects(...names)
  }
  add(await withDocker(suite, text => console.error(text)))
  return ran
}

if (project === 'unit') await runProjects('unit')
else if (project === 'lab') await runProjects(...LAB)
else if (project === 'docker') await runWithDocker(...DOCKER)
else {
  await runProjects('unit')
  if (!(await runWithDocker(...LAB, ...DOCKER))) await runProjects(...LAB)
}

console.log(`\nSeconds of each file, slowest first:\n${slowestFirst(files).join('\n')}\n`)
if (failures.length > 0) console.log(`Failed:\n  ${failures.join('\n  ')}\n`)
// Where nothing ran, nothing passed.
if (files.length === 0 && counts.skipped === 0) counts.failed += 1
process.exitCode = counts.failed === 0 ? EXIT.ok : EXIT.failed
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit()
