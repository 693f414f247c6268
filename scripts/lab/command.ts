import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { COMPILE_CACHE } from '../../scenarios/lab/runtime/part-process.ts'

export const ROOT = join(import.meta.dirname, '..', '..')

export interface Command {
  child: ChildProcess
  /** All that it printed so far, both streams. */
  text(): string
  /** Resolves at its end. */
  ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>
}

/** A lab command as in a user's shell, in its own process group and lab home. */
export function run(
  args: string[],
  env: Record<string, string | undefined>,
  command = [process.execPath, join(ROOT, 'scripts', 'lab.ts')],
): Command {
  const [program = '', ...before] = command
  const child = spawn(program, [...before, ...args], {
    cwd: ROOT,
    // An engine here would make `auto` take containers.
    env: { PREFETCH_LAB_RUNTIME: 'native', NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', exitCode => resolve({ exitCode, stdout, stderr }))
  })
  return { child, ended, text: () => stdout + stderr }
}
