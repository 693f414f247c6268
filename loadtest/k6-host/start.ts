import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SetupError } from '#contracts/setup-error'
import { SUMMARY_MARK } from '../k6/report.ts'
import type { K6Program } from './find.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Where an image sees the project. */
const MOUNT = '/lab'
/** After an interrupt k6 still writes its summary; then it is ended. Milliseconds. */
const ENDS_WITHIN_MS = 10_000
/** A threshold was crossed: https://grafana.com/docs/k6/latest/using-k6/thresholds/ */
const THRESHOLD_CROSSED = 99
const TAIL_LINES = 20

export interface K6Run {
  k6: K6Program
  /** From the root of the project. */
  script: string
  env: Record<string, string>
  /** Interrupts k6, which ends with what it measured so far. */
  signal: AbortSignal
  /** Each line of the script's own log. */
  onLine(text: string): void
}

export interface K6End {
  /** What the script's `handleSummary` printed. */
  summary: unknown
  exitCode: number | null
  interrupted: boolean
  /** k6 says that a threshold was crossed. */
  thresholdCrossed: boolean
}

/** Nothing leaves the machine, no port opens. JSON, since k6's text log may change. */
export const K6_ARGUMENTS = ['run', '--quiet', '--no-color', '--no-usage-report', '--address=', '--log-format=json']

/** What is spawned. The secret goes by environment, never on a command line. Pure. */
export function commandOf(k6: K6Program, script: string, env: Record<string, string>): [program: string, args: string[]] {
  if (k6.kind === 'binary') return [k6.path, [...K6_ARGUMENTS, join(ROOT, script)]]
  const forwarded = Object.keys(env).flatMap(name => ['--env', name])
  const mounts = ['--volume', `${ROOT}:${MOUNT}:ro`]
  return ['docker', ['run', '--rm', '--network=host', ...mounts, ...forwarded, k6.image, ...K6_ARGUMENTS, `${MOUNT}/${script}`]]
}

/** Without the shell's `K6_…` and proxies; Docker needs its own. Pure. */
export function k6Env(
  shell: Readonly<Record<string, string | undefined>>,
  env: Record<string, string>,
): Record<string, string | undefined> {
  const kept = Object.entries(shell).filter(([name]) => /^(PATH|HOME|TMPDIR|LANG|XDG_RUNTIME_DIR|SSH_AUTH_SOCK|DOCKER_\w+)$/.test(name))
  return { ...Object.fromEntries(kept), ...env, K6_NO_USAGE_REPORT: 'true' }
}

/** Runs k6 to its end. Throws K6_FAILED with its last lines if it ended without a summary. */
export async function runK6({ k6, script, env, signal, onLine }: K6Run): Promise<K6End> {
  const [program, args] = commandOf(k6, script, env)
  // A group of its own: a Ctrl-C in the terminal must reach it once, by us.
  const child = spawn(program, args, { env: k6Env(process.env, env), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let summary: unknown
  const tail: string[] = []
  const keep = (text: string) => {
    tail.push(text)
    if (tail.length > TAIL_LINES) tail.shift()
  }
  createInterface({ input: child.stdout }).on('line', line => {
    if (line.startsWith(SUMMARY_MARK)) summary = JSON.parse(line.slice(SUMMARY_MARK.length))
    else keep(line)
  })
  createInterface({ input: child.stderr }).on('line', line => {
    const text = logText(line)
    if (text.startsWith('prefetch-lab ')) onLine(text)
    else keep(text)
  })
  let kill: NodeJS.Timeout | undefined
  // Its own children too: one that outlives it holds the pipes open, and we would wait for ever.
  const signalGroup = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // All of them are gone.
    }
  }
  const stop = () => {
    signalGroup('SIGINT')
    kill = setTimeout(() => signalGroup('SIGKILL'), ENDS_WITHIN_MS)
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    const thresholdCrossed = exitCode === THRESHOLD_CROSSED
    if (summary === undefined || (exitCode !== 0 && !thresholdCrossed && !signal.aborted))
      throw new SetupError('K6_FAILED', `expected a summary from k6; it exited with ${exitCode}. Its last lines:\n${tail.join('\n')}`)
    return { summary, exitCode, interrupted: signal.aborted, thresholdCrossed }
  } catch (cause) {
    if (cause instanceof SetupError) throw cause
    throw new SetupError('K6_FAILED', `${program} cannot be started: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  } finally {
    clearTimeout(kill)
    signal.removeEventListener('abort', stop)
  }
}

/** k6's log line in JSON -> its message; anything else as it is. */
function logText(line: string): string {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry === 'object' && entry !== null && 'msg' in entry) return String(entry.msg)
  } catch {
    // Not a log line.
  }
  return line
}
