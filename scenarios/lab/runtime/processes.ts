import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { pause } from '../until.ts'

/** Which process it is, for certain: a pid alone may long be somebody else's. */
export interface ProcessId {
  pid: number
  /** Clock ticks after boot at which it started, `/proc/PID/stat` field 22. */
  startTime: string
}

/** Every process of a lab carries this variable, `FOLDER:RANDOM`; children inherit it. */
export const MARK_VARIABLE = 'PREFETCH_LAB_MARK'
/** And this one: the part that it belongs to. */
export const PART_VARIABLE = 'PREFETCH_LAB_PART'

interface Stat extends ProcessId {
  state: string
  parent: number
}

async function stat(pid: number): Promise<Stat | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name, in brackets, may itself contain brackets and spaces.
    const [state = '', parent = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { pid, startTime: rest[17] ?? '', state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** undefined when there is no such process, or only its zombie. */
export async function processId(pid: number): Promise<ProcessId | undefined> {
  const found = await stat(pid)
  return found === undefined || found.state === 'Z' || found.state === 'X' ? undefined : { pid, startTime: found.startTime }
}

export async function isAlive(id: ProcessId): Promise<boolean> {
  return (await processId(id.pid))?.startTime === id.startTime
}

/** Stopped by SIGSTOP. */
export async function isPaused(id: ProcessId): Promise<boolean> {
  const found = await stat(id.pid)
  return found?.startTime === id.startTime && found.state === 'T'
}

/** Living processes with the lab's mark, or its programs (Postgres). @param part only its own */
export async function processesOf(folder: string, part?: string): Promise<ProcessId[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async pid => {
      if (pid === process.pid) return undefined
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      const says = (variable: string) => `\0${environment}`.includes(`\0${variable}`)
      const marked = says(`${MARK_VARIABLE}=${folder}:`) && (part === undefined || says(`${PART_VARIABLE}=${part}\0`))
      const program = marked ? '' : await readlink(`/proc/${pid}/exe`).catch(() => '')
      return marked || program.startsWith(part === undefined ? `${folder}/` : `${folder}/${part}/`) ? processId(pid) : undefined
    }),
  )
  return found.filter(id => id !== undefined)
}

/** Clock ticks of /proc: 100 a second on every Linux that Node runs on. Milliseconds. */
export const TICK_MS = 10

/** User and system time with reaped children. Milliseconds; 0 when gone. */
export async function cpuMsOf({ pid }: { pid: number }): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return TICK_MS * [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0)
}

/** The same of several. */
export async function cpuMs(ids: readonly { pid: number }[]): Promise<number> {
  const each = await Promise.all(ids.map(cpuMsOf))
  return each.reduce((sum, ms) => sum + ms, 0)
}

/** A process and everything below it, as the kernel knows it. */
export async function treeOf(root: ProcessId): Promise<ProcessId[]> {
  if (!(await isAlive(root))) return []
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const all = (await Promise.all(pids.map(stat))).filter(found => found !== undefined)
  const tree: ProcessId[] = [root]
  for (const above of tree) {
    for (const child of all)
      if (child.parent === above.pid && child.state !== 'Z') tree.push({ pid: child.pid, startTime: child.startTime })
  }
  return tree
}

export async function rssMiB(ids: readonly { pid: number }[]): Promise<number> {
  const pages = await Promise.all(
    ids.map(async id => Number((await readFile(`/proc/${id.pid}/statm`, 'utf8').catch(() => '0 0')).split(' ')[1] ?? 0)),
  )
  return Math.round(pages.reduce((sum, n) => sum + n, 0) / 256)
}

/** Sends a signal to those that are still who they were. */
export async function signalAll(ids: ProcessId[], signal: NodeJS.Signals): Promise<void> {
  for (const id of ids) {
    if (!(await isAlive(id))) continue
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
    const living = await Promise.all(ids.map(isAlive))
    if (!living.includes(true)) return true
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
    return (await processId(pid)) ?? { pid, startTime: 'ended' }
  } finally {
    closeSync(log)
  }
}
