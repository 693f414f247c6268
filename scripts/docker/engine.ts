import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from '#lab'
import { composeFallback, engineVersion } from '../../scenarios/lab/runtime/compose/docker.ts'
import { installQuietly } from '../setup/install.ts'
import { isDebianLike, parseOsRelease, programPath, textOf } from '../setup/machine.ts'

/** A Docker engine for the tests: the one that answers, else one of our own for as long as they run, where that can be had. */

const STARTS_WITHIN_MS = 60_000
const STOPS_WITHIN_MS = 20_000

export interface TestEngine extends AsyncDisposable {
  version: string
  /** Whether it was started by us, with images and containers of its own. */
  own: boolean
}

/** @returns the engine, or why there is none. What runs in this process from then on finds it: `DOCKER_HOST` is set. */
export async function engineForTests(say: (text: string) => void): Promise<TestEngine | string> {
  const version = await engineVersion()
  if (version !== undefined) return { version, own: false, async [Symbol.asyncDispose]() {} }
  if (process.getuid?.() !== 0) return 'no Docker engine answers, and only root could start one'
  if (programPath('dockerd') === undefined) {
    if (!isDebianLike(parseOsRelease(textOf('/etc/os-release')))) return 'no Docker engine answers, and one is installed on Debian alone'
    if (process.env['PREFETCH_LAB_NO_INSTALL'] === '1') return 'no Docker engine answers, and installing is refused'
    say('Installing Docker (apt package docker.io); its service is neither started nor enabled …')
    await installQuietly('docker.io', 'root')
  }
  return startEngine(say)
}

async function startEngine(say: (text: string) => void): Promise<TestEngine | string> {
  const program = programPath('dockerd')
  if (program === undefined) return 'apt succeeded, and there is no dockerd'
  const folder = await mkdtemp(join(tmpdir(), 'prefetch-lab-docker-'))
  // Images are kept between runs; they cost two minutes.
  const data = join(dirname(composeFallback()), 'docker-data')
  await mkdir(data, { recursive: true })
  const socket = `unix://${join(folder, 'docker.sock')}`
  const files = ['--data-root', data, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid'), '--host', socket]
  say('Starting a Docker engine of our own …')
  const engine = spawn(program, files, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [engine.stdout, engine.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000)
    })
  const before = process.env['DOCKER_HOST']
  process.env['DOCKER_HOST'] = socket
  const end = async () => {
    await stop(engine)
    if (before === undefined) delete process.env['DOCKER_HOST']
    else process.env['DOCKER_HOST'] = before
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const version = await until('the engine answers', async () => (engine.exitCode === null ? engineVersion() : 'ended'), {
      is: seen => seen !== undefined,
      withinMs: STARTS_WITHIN_MS,
      everyMs: 200,
    })
    if (version !== undefined && version !== 'ended') return { version, own: true, [Symbol.asyncDispose]: end }
  } catch {
    // Told below.
  }
  await end()
  return `a Docker engine does not start here: ${said.trim().split('\n').at(-1) ?? ''}`
}

async function stop(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null) return
  const ended = new Promise(resolve => engine.once('exit', resolve))
  engine.kill('SIGTERM')
  const timer = setTimeout(() => engine.kill('SIGKILL'), STOPS_WITHIN_MS)
  await ended
  clearTimeout(timer)
}
