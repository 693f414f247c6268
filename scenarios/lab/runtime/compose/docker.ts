import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from '../../errors.ts'
import { cacheFolder } from '../cache.mjs'

/** Docker's command line, and nothing above it. */

const run = promisify(execFile)
/** A container that drains before it stops included. Milliseconds. */
const COMMAND_WITHIN_MS = 180_000
const OUTPUT_MAX_BYTES = 64 * 2 ** 20

/** Our own compose, if Docker has none. */
export const composeFallback = () => join(cacheFolder(), 'docker-compose')

export interface DockerOptions {
  /** Beside the caller's own environment, which names the engine. */
  env?: Record<string, string>
  /** Include standard error: `docker logs` splits a container's output. */
  both?: boolean
  /** Ends the command; it has ended when the call rejects. */
  signal?: AbortSignal
}

/** Runs `docker ARGS`. @returns standard output. Throws ENGINE_MISSING, DOCKER_FAILED. */
export function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  return command(['docker', ...args], options)
}

export async function compose(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  const program = await composeProgram()
  if (program === undefined)
    throw new LabError(
      'ENGINE_MISSING',
      "Docker's compose plugin is missing.\nInstall the package docker-compose-plugin, or: npm run images:offline",
    )
  return command([...program, ...args], options)
}

/** How compose is called here, or undefined. */
export async function composeProgram(): Promise<string[] | undefined> {
  const plugin = await run('docker', ['compose', 'version', '--short'], { timeout: 10_000 }).catch(() => undefined)
  if (plugin !== undefined) return ['docker', 'compose']
  return existsSync(composeFallback()) ? [composeFallback()] : undefined
}

async function command([program = '', ...args]: readonly string[], { env = {}, both = false, signal }: DockerOptions): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: OUTPUT_MAX_BYTES, timeout: COMMAND_WITHIN_MS, signal }
  const running = run(program, args, options)
  const { child } = running
  const over = new Promise(resolve => child.once('close', resolve).once('error', resolve))
  try {
    const { stdout, stderr } = await running
    return both ? stdout + stderr : stdout
  } catch (error) {
    await over
    signal?.throwIfAborted()
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string }
    if (code === 'ENOENT')
      throw new LabError('ENGINE_MISSING', 'the program docker is not installed.\nWithout it: npm run lab:up -- --runtime native', {
        cause: error,
      })
    const said = stderr?.trim() || String(error)
    if (/Cannot connect to the Docker daemon|permission denied.*docker\.sock/i.test(said))
      throw new LabError('ENGINE_MISSING', `no Docker engine answers: ${said}\nStart it, or: npm run lab:up -- --runtime native`, {
        cause: error,
      })
    throw new LabError('DOCKER_FAILED', `docker ${args.filter(arg => !arg.startsWith('/')).join(' ')}: ${said}`, { cause: error })
  }
}
