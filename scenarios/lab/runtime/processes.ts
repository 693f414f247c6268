import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { pause } from '../until.ts'
import { isAlive, type ProcessId, pids, processId, procLink, procText, statOf } from './proc.mjs'

/** Every process of a lab carries this variable, `FOLDER:RANDOM`; children inherit it. */
export const MARK_VARIABLE = 'PREFETCH_LAB_MARK'
/** And this one: the part that it belongs to. */
export const PART_VARIABLE = 'PREFETCH_LAB_PART'

/** Stopped by SIGSTOP. */
export function isPaused(id: ProcessId): boolean {
  return isInState(id, 'T')
}

/** A letter of `/proc/PID/stat`: T stopped, D in the kernel, where no signal reaches it. */
export function isInState({ pid, startTime }: ProcessId, state: string): boolean {
  const found = statOf(pid)
  return found?.startTime === startTime && found.state === state
}

/** Living processes with the lab's mark, or its programs (Postgres). @param part only its own */
export function processesOf(folder: string, part?: string): ProcessId[] {
  const others = pids().filter(pid => {
    if (pid === process.pid) return false
    const environment = `\0${procText(`${pid}/environ`)}`
    const says = (variable: string) => environment.includes(`\0${variable}`)
    if (says(`${MARK_VARIABLE}=${folder}:`) && (part === undefined || says(`${PART_VARIABLE}=${part}\0`))) return true
    return procLink(`${pid}/exe`).startsWith(part === undefined ? `${folder}/` : `${folder}/${part}/`)
  })
  return others.flatMap(pid => processId(pid) ?? [])
}

/** User and system time with reaped children. Milliseconds; 0 when gone. */
export function cpuMs(ids: readonly { pid: number }[]): number {
  return ids.reduce((sum, { pid }) => {
    const { cpuMs: own = 0, reapedMs = 0 } = statOf(pid) ?? {}
    return sum + own + reapedMs
  }, 0)
}

/** A process and everything below it, as the kernel knows it. */
export function treeOf(root: ProcessId): ProcessId[] {
  if (!isAlive(root)) return []
  const all = pids().flatMap(pid => ({ pid, ...statOf(pid) }))
  const tree = [root]
  for (const above of tree)
    for (const { pid, parent, state, startTime = '' } of all) if (parent === above.pid && state !== 'Z') tree.push({ pid, startTime })
  return tree
}

export function rssMiB(ids: readonly { pid: number }[]): number {
  const pages = ids.map(({ pid }) => Number(procText(`${pid}/statm`).split(' ')[1] ?? 0))
  return Math.round(pages.reduce((sum, n) => sum + n, 0) / 256)
}

/** Sends a signal to those that are still who they were. */
export function signalAll(ids: readonly ProcessId[], signal: NodeJS.Signals): void {
  for (const id of ids) {
    if (!isAlive(id)) continue
    try {
      process.kill(id.pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

/** Whether all are gone within the time. */
export async function gone(ids: ProcessId[], withinMs: number): Promise<boolean> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    if (!ids.some(isAlive)) return true
    if (performance.now() >= untilMs) return false
    await pause(10)
  }
}

export interface Launch {
  command: string
  args: string[]
  env: Record<string, string>
  cwd: string
  logFile: string
  uid?: number
  gid?: number
}

/** Starts a process that outlives this one, in its own group, output to a file. */
export async function launch({ command, args, env, cwd, logFile, uid, gid }: Launch): Promise<ProcessId> {
  const log = openSync(logFile, 'a', 0o600)
  try {
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    const pid = child.pid ?? 0
    // Already ended: the wait for readiness reports it.
    return processId(pid) ?? { pid, startTime: 'ended' }
  } finally {
    closeSync(log)
  }
}
