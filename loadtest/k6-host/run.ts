import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { which } from 'zx'
import { SetupError } from '#contracts/setup-error'

/** Finds k6 and runs a script in it. */

type Env = Readonly<Record<string, string | undefined>>

const ROOT = join(import.meta.dirname, '..', '..')
const IMAGE = 'image:'
/** After an interrupt k6 still writes its summary. */
const ENDS_WITHIN_MS = 10_000
/** k6's exit code when everything ran and a threshold was crossed. */
const THRESHOLD_CROSSED = 99
const TAIL_LINES = 20

/** Nothing leaves the machine, no port opens, and each sample is a line on stdout. */
export const K6_ARGUMENTS = ['run', '--quiet', '--no-color', '--no-usage-report', '--address=', '--out=json=-']

/** `PREFETCH_LAB_K6`, else k6 on the `PATH`, else in the cache folder: a path, or `image:NAME`.
 *  Throws K6_MISSING. Nothing is fetched: k6 is under the AGPL, and the user decides. */
export async function findK6({ PREFETCH_LAB_K6: named, PATH = '' }: Env, cache: string): Promise<string> {
  if (named?.startsWith(IMAGE)) return named
  const folder = join(cache, 'k6')
  const found = await which(named || 'k6', { path: [PATH, folder].join(delimiter), nothrow: true })
  if (found !== null) return found
  throw new SetupError(
    'K6_MISSING',
    `expected k6, 1.6 or newer; ${named ? `PREFETCH_LAB_K6 names ${named}, which is not a program` : `none on the PATH and none in ${folder}`}. One of:
  a binary or package of https://grafana.com/docs/k6/latest/set-up/install-k6/ on the PATH
  export PREFETCH_LAB_K6=PATH-OF-A-BINARY
  export PREFETCH_LAB_K6=image:grafana/k6     # runs in Docker
npm's package k6 is a placeholder that runs nothing. The built-in engine measures the same: drop --engine k6.`,
  )
}

/** What is spawned. The secret travels by environment: others can read a command line. Pure. */
export function commandOf(k6: string, script: string, env: Env): [program: string, args: string[]] {
  if (!k6.startsWith(IMAGE)) return [k6, [...K6_ARGUMENTS, join(ROOT, script)]]
  const forwarded = Object.keys(env).flatMap(name => ['--env', name])
  const run = ['run', '--rm', '--network=host', `--volume=${ROOT}:/lab:ro`, ...forwarded, k6.slice(IMAGE.length)]
  return ['docker', [...run, ...K6_ARGUMENTS, `/lab/${script}`]]
}

/** A shell's `K6_…` would change the test, a proxy would stand between k6 and the lab. Pure. */
export function k6Env(shell: Env, env: Env): Env {
  const kept = Object.entries(shell).filter(([name]) => /^(PATH|HOME|TMPDIR|LANG|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|DOCKER_\w+)$/.test(name))
  return { ...Object.fromEntries(kept), ...env, K6_NO_USAGE_REPORT: 'true' }
}

export interface K6Run {
  /** Of `findK6`. */
  k6: string
  /** From the root of the project. */
  script: string
  env: Env
  /** Interrupts k6, which ends with what it measured so far. */
  signal: AbortSignal
  /** Each sample, as k6's JSON output writes it. */
  onSample(line: string): void
}

/** Runs k6 to its end; true: it says that a threshold was crossed. Throws K6_FAILED. */
export async function runK6({ k6, script, env, signal, onSample }: K6Run): Promise<boolean> {
  const [program, args] = commandOf(k6, script, env)
  // A group of its own: Ctrl-C in the terminal reaches it once, from us.
  const child = spawn(program, args, { env: k6Env(process.env, env), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const tail: string[] = []
  createInterface({ input: child.stdout }).on('line', onSample)
  createInterface({ input: child.stderr }).on('line', line => tail.splice(0, tail.push(line) - TAIL_LINES))
  // Its children too: one that outlives it holds the pipes open.
  const toGroup = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // All of them are gone.
    }
  }
  let kill: NodeJS.Timeout | undefined
  const stop = () => {
    toGroup('SIGINT')
    kill = setTimeout(toGroup, ENDS_WITHIN_MS, 'SIGKILL')
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    if (exitCode !== 0 && exitCode !== THRESHOLD_CROSSED && !signal.aborted)
      throw new Error(`expected k6 to run to its end, it ended with ${exitCode}. Its last lines:\n${tail.join('\n')}`)
    return exitCode === THRESHOLD_CROSSED
  } catch (cause) {
    throw new SetupError('K6_FAILED', `${program}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  } finally {
    clearTimeout(kill)
    signal.removeEventListener('abort', stop)
  }
}
