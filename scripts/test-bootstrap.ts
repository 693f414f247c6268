/** `npm run test:bootstrap [-- --full]`: the set-up in a minimal Debian 12 root; needs root.
 *  `--full`: all of `npm test`. Last line: `N passed, N failed, N skipped`. */
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Command } from 'commander'
import { $ } from 'zx'
import { EXIT } from '#contracts/parts'
import { SetupError } from '#contracts/setup-error'
import { cacheFolder } from '../scenarios/lab/runtime/cache.mjs'
import { ensurePrograms } from './setup/install.ts'
import { debianTool } from './setup/machine.ts'
import { runProgram } from './setup/program.ts'
import { CASES, CLONE, DOCKER_SUITE, GUEST, GUEST_CLONE, OWN_ENGINE, SUITE } from './tools/bootstrap/cases.ts'
import { baseTar, npmFolder, openRoot } from './tools/bootstrap/root.ts'
import { machineSources } from './tools/bootstrap/sources.ts'

const SUITE_NAME = 'bookworm'
const folder = join(cacheFolder(), 'bootstrap')
const project = join(import.meta.dirname, '..')

/** The machine's own Node; PATH begins with ours, which the root must fetch. */
function machineNode(): string {
  const found = (process.env['PATH'] ?? '').split(delimiter).map(place => join(place, 'node'))
  const others = found.filter(existsSync).map(path => realpathSync(path))
  return others.find(path => path !== realpathSync(process.execPath)) ?? process.execPath
}

async function bootstrap({ full = false }: { full?: boolean }): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new SetupError('NO_RIGHTS_TO_INSTALL', 'building a Debian root needs root. Type:\n  sudo npm run test:bootstrap')
  const sources = machineSources(SUITE_NAME)
  await ensurePrograms({ mmdebstrap: 'mmdebstrap', slirp4netns: 'slirp4netns' }, text => console.error(text))
  const npmCli = realpathSync(debianTool('npm'))
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

const program = new Command('npm run test:bootstrap --')
  .exitOverride()
  .description('The set-up, both runtimes and Docker in a bare Debian. It needs root.')
  .option('--full', 'with all of npm test inside')
  .action(bootstrap)

await runProgram(program)
