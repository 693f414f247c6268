import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { LabError, until } from '#lab'
import { cacheFolder } from '../../../scenarios/lab/runtime/cache.mjs'
import { docker } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { endpointOf, engineHere } from '../../../scenarios/lab/runtime/compose/engine.ts'
import { ensurePrograms } from '../../setup/install.ts'
import { debianTool, isDebianLike, parseOsRelease, programPath, textOf } from '../../setup/machine.ts'

/** An engine for the tests: the one that answers, else our own while they run. */

const STARTS_WITHIN_MS = 60_000

export interface TestEngine extends AsyncDisposable {
  version: string
  /** Whether it was started by us, with images and containers of its own. */
  own: boolean
}

/** @returns the engine, or why there is none. Sets `DOCKER_HOST` for this process. */
export async function engineForTests(say: (text: string) => void): Promise<TestEngine | string> {
  const found = await engineHere().catch((error: unknown) => {
    if (error instanceof LabError) return error
    throw error
  })
  if (typeof found === 'string') return useFound(found)
  const why = found.message.split('\n')[0] ?? ''
  // One that was asked for, or is only out of reach, may run: two engines would share one bridge.
  if (found.code !== 'ENGINE_MISSING' || process.env['DOCKER_HOST']) return why
  const obstacle = cannotStart()
  if (obstacle !== undefined) return `${why}; ${obstacle}`
  await ensurePrograms({ dockerd: 'docker.io', ip: 'iproute2' }, say)
  say('Starting a Docker engine of our own, with nothing in it …')
  const engine = await startEngine()
  if (typeof engine === 'string') return engine
  process.env['DOCKER_HOST'] = engine.host
  return {
    version: engine.version,
    own: true,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      delete process.env['DOCKER_HOST']
    },
  }
}

/** Testcontainers knows no contexts of Docker's command line. */
async function useFound(version: string): Promise<TestEngine> {
  const before = process.env['DOCKER_HOST']
  process.env['DOCKER_HOST'] = await endpointOf()
  return {
    version,
    own: false,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env['DOCKER_HOST']
    },
  }
}

/** Why no engine of our own can be started here, or undefined. */
export function cannotStart(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root could start one'
  if (programPath('dockerd') !== undefined) return undefined
  if (!isDebianLike(parseOsRelease(textOf('/etc/os-release')))) return 'one is installed on Debian alone'
  return process.env['PREFETCH_LAB_NO_INSTALL'] === '1' ? 'installing is refused' : undefined
}

export interface OwnEngine extends AsyncDisposable {
  version: string
  /** For DOCKER_HOST. */
  host: string
  /** Of the script that owns the engine and shares its namespaces. */
  pid: number
}

export interface EngineOptions {
  /** In its own network namespace, unseen and without a way out. Default false. */
  apart?: boolean
  /** In a time namespace of its own, as the engine of another machine is. */
  clockAheadSeconds?: number
  /** More options of dockerd. */
  options?: readonly string[]
}

/** An engine with an empty data root that ends with it, or why it does not start. */
export async function startEngine({ apart = false, clockAheadSeconds, options = [] }: EngineOptions = {}): Promise<OwnEngine | string> {
  const program = programPath('dockerd')
  if (program === undefined) return 'there is no dockerd'
  // On a disk: the folder of temporary files may be memory, or too small for images.
  const place = join(cacheFolder(), 'engines')
  await mkdir(place, { recursive: true })
  const folder = await mkdtemp(join(place, 'e-'))
  const host = `unix://${join(folder, 'docker.sock')}`
  const clock = clockAheadSeconds === undefined ? [] : ['--time', '--monotonic', String(clockAheadSeconds)]
  const namespaces = ['--mount', ...(apart ? ['--net'] : []), ...clock]
  const script = ['sh', join(import.meta.dirname, 'engine.sh'), folder, program, ...options]
  // A session of its own: Ctrl-C is for us, who end it by closing its input.
  const keeper = spawn(debianTool('unshare'), [...namespaces, ...script], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const lastWords = text(keeper.stdout)
  const ended = new Promise<void>((resolve, reject) => keeper.once('close', () => resolve()).once('error', reject))
  const end = async () => {
    keeper.stdin.end()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const version = await until('the engine answers', () => (keeper.exitCode === null ? versionAt(host) : ''), {
    is: seen => seen !== undefined,
    withinMs: STARTS_WITHIN_MS,
    everyMs: 100,
  }).catch(() => undefined)
  if (version) return { version, host, pid: keeper.pid ?? 0, [Symbol.asyncDispose]: end }
  await end()
  return `a Docker engine does not start here: ${(await lastWords).trim()}`
}

/** Whatever engine the caller's environment names. */
export const engineAt = (host: string) => ({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '' })

function versionAt(host: string): Promise<string | undefined> {
  const asked = docker(['version', '--format', '{{.Server.Version}}'], { env: engineAt(host) })
  return asked.then(
    version => version.trim(),
    () => undefined,
  )
}
