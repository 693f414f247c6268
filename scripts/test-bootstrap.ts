/** `npm run test:bootstrap [-- --full]`: the set-up in a minimal Debian 12 root; needs root.
 *  `--full`: all of `npm test`. Last line: `N passed, N failed, N skipped`. */
import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { $ } from 'zx'
import { EXIT } from '#contracts/parts'
import { SetupError } from '#contracts/setup-error'
import { installQuietly } from './setup/install.ts'
import { programPath } from './setup/machine.ts'
import { CASES, CLONE, DOCKER_SUITE, GUEST, GUEST_CLONE, OWN_ENGINE, SUITE } from './tools/bootstrap/cases.ts'
import { baseTar, npmFolder, openRoot } from './tools/bootstrap/root.ts'
import { machineSources } from './tools/bootstrap/sources.ts'

const SUITE_NAME = 'bookworm'
const cache = process.env['PREFETCH_LAB_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'prefetch-lab')
const folder = join(cache, 'bootstrap')
const project = join(import.meta.dirname, '..')

const USAGE = `npm run test:bootstrap            set-up, both runtimes, Docker in a bare Debian
npm run test:bootstrap -- --full  the same, with all of npm test inside
It needs root. Exit codes: 0 passed, 1 failed, 2 environment, 3 usage`

function given(): { full: boolean; help: boolean } {
  try {
    const options = { full: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } as const
    return parseArgs({ options }).values
  } catch (error) {
    return refuse(EXIT.usage, `USAGE: ${error instanceof Error ? error.message : error}\n${USAGE}`)
  }
}

function refuse(exitCode: number, text: string): never {
  console.error(text)
  process.exit(exitCode)
}

/** The machine's own Node; PATH begins with ours, which the root must fetch. */
function machineNode(): string {
  const found = (process.env['PATH'] ?? '').split(delimiter).map(place => join(place, 'node'))
  const others = found.filter(existsSync).map(path => realpathSync(path))
  return others.find(path => path !== realpathSync(process.execPath)) ?? process.execPath
}

async function main(): Promise<void> {
  const { full, help } = given()
  if (help) {
    console.log(USAGE)
    return
  }
  if (process.getuid?.() !== 0)
    refuse(EXIT.environment, 'NO_RIGHTS: building a Debian root needs root. Type:\n  sudo npm run test:bootstrap')
  const sources = machineSources(SUITE_NAME)
  for (const program of ['mmdebstrap', 'slirp4netns'] as const) {
    if (programPath(program) !== undefined) continue
    console.error(`Installing ${program} …`)
    await installQuietly(program, 'root')
  }
  const npmCli = realpathSync(programPath('npm') ?? refuse(EXIT.environment, 'NPM_MISSING: npm is not in PATH'))
  const startedAtMs = performance.now()
  const seconds = () => `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`
  const tar = await baseTar(folder, SUITE_NAME, sources)
  await using root = await openRoot(folder, tar.path, { node: machineNode(), npm: npmFolder(npmCli), npmrc: sources.npmrc })
  await $({ quiet: true })`git -c safe.directory=* clone --quiet --no-hardlinks ${project} ${root.path}${CLONE}`
  await root.run(`useradd --create-home ${GUEST} && cp -r ${CLONE} ${GUEST_CLONE} && chown -R ${GUEST}: ${GUEST_CLONE}`)
  console.log(`root ready (${tar.cached ? 'base from the cache' : 'base built'}, ${seconds()})`)

  const counts = { passed: 0, failed: 0, skipped: full ? 0 : 1 }
  for (const { name, run } of [...CASES, full ? SUITE : DOCKER_SUITE, OWN_ENGINE]) {
    try {
      const figure = await run(root)
      console.log(`✓ ${name}${figure === undefined ? '' : ` (${figure})`}`)
      counts.passed += 1
    } catch (error) {
      console.log(`✗ ${name}\n${error instanceof Error ? error.message : error}`)
      counts.failed += 1
    }
  }
  if (!full) console.log(`- ${SUITE.name} (skipped: with --full)`)
  console.log(`${seconds()} in all`)
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed === 0 ? EXIT.ok : EXIT.failed
}

for (const [signal, exitCode] of [
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(exitCode))
process.once('disconnect', () => process.exit(EXIT.interrupted))
process.channel?.unref()

try {
  await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  refuse(error.exitCode, `${error.code}: ${error.message}`)
}
