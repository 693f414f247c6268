/** What `npm run lab:doctor` shows: this machine against what the lab needs. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LabError } from '#lab'
import { cacheFolder } from '../../scenarios/lab/runtime/cache.mjs'
import { composeProgram } from '../../scenarios/lab/runtime/compose/docker.ts'
import { engineHere } from '../../scenarios/lab/runtime/compose/engine.ts'
import { missingImages } from '../../scenarios/lab/runtime/compose/images.ts'
import { labHome } from '../../scenarios/lab/runtime/state.ts'
import { type Fact, row } from './fact.ts'
import { parseOsRelease, programPath, type Rights, rabbitmqVersion, rightsToInstall, textOf } from './machine.ts'
import { findNativePackages, INSTALL_COMMAND, postgresFolder } from './packages.ts'
import { folderTrouble, machineRoom, roomRows } from './room.ts'
import { isProgram } from './toolchain.mjs'

const root = join(import.meta.dirname, '../..')

/** First line that a program prints for its version, or undefined without it. */
function versionOf(program: string, args: string[]): string | undefined {
  const run = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 })
  return run.status === 0 ? run.stdout.trim().split('\n')[0] : undefined
}

/** Every row, in the order of set-up. Leaves nothing changed. */
export async function systemFacts(): Promise<Fact[]> {
  return [...baseFacts(), ...partFacts(), ...(await roomFacts()), ...(await dockerFacts())]
}

function baseFacts(): Fact[] {
  const system = parseOsRelease(textOf('/etc/os-release'))['PRETTY_NAME'] ?? process.platform
  const nodeMajor = Number(process.versions.node.split('.')[0])
  const npm = programPath('npm')
  const fresh = existsSync(join(root, 'node_modules', '.lock-hash'))
  return [
    row('system', system, 'Linux', process.platform === 'linux', 'use Linux, or WSL on Windows'),
    row('Node', process.version, '24 or newer', nodeMajor >= 24, 'start commands with npm run: it fetches Node 24'),
    row('npm', npm && versionOf(npm, ['--version']), 'any', npm !== undefined, 'sudo apt-get install -y npm'),
    row('packages', fresh ? 'match the lock file' : 'unknown', 'match the lock file', fresh, 'npm ci'),
  ]
}

function partFacts(): Fact[] {
  const native = findNativePackages()
  const rights = rightsToInstall()
  const postgres = join(postgresFolder, 'bin', 'postgres')
  return [
    row('RabbitMQ', native && (rabbitmqVersion() ?? 'unknown version'), '3.10 or newer', native !== undefined, INSTALL_COMMAND),
    row('Erlang port mapper', programPath('epmd'), 'epmd', programPath('epmd') !== undefined, INSTALL_COMMAND),
    row('Postgres', isProgram(postgres) ? versionOf(postgres, ['--version']) : undefined, '18', isProgram(postgres), 'npm ci'),
    native === undefined
      ? row(
          'rights to install',
          rightsInWords[rights],
          'root or sudo, once',
          rights !== 'none',
          `ask an administrator to type: ${INSTALL_COMMAND}`,
        )
      : row('rights to install', rightsInWords[rights], 'none: all is installed', true, ''),
  ]
}

const rightsInWords: Record<Rights, string> = {
  root: 'root',
  sudo: 'sudo without a password',
  'sudo-password': 'sudo with a password',
  none: 'none',
}

async function roomFacts(): Promise<Fact[]> {
  const { bavail, bsize } = await statfs(tmpdir())
  const folders = await Promise.all(
    [
      ['folder of labs', labHome()],
      ['cache', cacheFolder()],
    ].map(async ([check = '', folder = '']) => {
      const trouble = await folderTrouble(folder, check === 'cache')
      const found = trouble === undefined ? folder : `${folder}: ${trouble.found}`
      return row(check, found, 'writable, executable, with links', trouble === undefined, trouble?.fix ?? '')
    }),
  )
  return [...roomRows({ ...machineRoom(), diskGib: (bavail * bsize) / 2 ** 30, diskOf: tmpdir() }), ...folders]
}

/** The lab runs without; with them it runs in containers. */
async function dockerFacts(): Promise<Fact[]> {
  const engine = await engineHere().catch((error: unknown) => {
    if (error instanceof LabError) return error
    throw error
  })
  const [why, next = ''] = typeof engine === 'string' ? [] : engine.message.split('\n')
  const facts = [row('Docker', why ?? String(engine), 'for containers, otherwise local processes', why === undefined || 'warning', next)]
  if (typeof engine !== 'string') return facts
  const program = await composeProgram()
  const missing = await missingImages()
  const here = missing.length === 0 ? 'all' : `all but ${missing.join(', ')}`
  return [
    ...facts,
    row('compose', program?.join(' '), 'v2', program !== undefined, 'install docker-compose-plugin, or: npm run images:offline'),
    // Pulled at the first start, where a registry answers.
    row('images', here, 'pulled or built', true, ''),
  ]
}
