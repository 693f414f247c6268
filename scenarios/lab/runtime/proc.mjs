/** The one reader of /proc. Plain JavaScript for `scripts/run.mjs`. What is not there is empty. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Clock ticks: 100 a second on every Linux that Node runs on. Milliseconds. */
export const TICK_MS = 10

/** A pid alone may be another's by now; the start, in ticks after boot, tells.
 *  @typedef {{ pid: number, startTime: string }} ProcessId */

const readOr = (read, empty) => {
  try {
    return read()
  } catch {
    return empty
  }
}

/** @param {string} file below /proc @returns {string} */
export const procText = file => readOr(() => readFileSync(`/proc/${file}`, 'utf8'), '')

/** @param {string} file below /proc @returns {string} target of a link */
export const procLink = file => readOr(() => readlinkSync(`/proc/${file}`), '')

const procNames = folder => readOr(() => readdirSync(`/proc/${folder}`), [])

/** Of every process. @returns {number[]} */
export const pids = () => procNames('.').flatMap(name => (/^\d+$/.test(name) ? [Number(name)] : []))

/** `cpuMs`: user and system time; `reapedMs`: that of children that it reaped.
 *  @param {number | string} pid or `self` @returns undefined when it is gone */
export function statOf(pid) {
  const text = procText(`${pid}/stat`)
  if (text === '') return undefined
  // The name, in brackets, may itself hold brackets and spaces.
  const end = text.lastIndexOf(')')
  const [state = '', parent, group, , , foregroundGroup, ...rest] = text.slice(end + 2).split(' ')
  const [user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = rest.slice(5, 9).map(ticks => Number(ticks) * TICK_MS)
  return {
    ...{ name: text.slice(text.indexOf('(') + 1, end), state, parent: Number(parent), inForeground: group === foregroundGroup },
    ...{ startTime: rest[13] ?? '', cpuMs: user + system, reapedMs: reapedUser + reapedSystem },
  }
}

function answers(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** undefined when it is gone, or a zombie. Without /proc (macOS) the pid has to do.
 *  @param {number} pid @returns {ProcessId | undefined} */
export function processId(pid) {
  if (!existsSync('/proc/self')) return answers(pid) ? { pid, startTime: '' } : undefined
  const { state = 'X', startTime = '' } = statOf(pid) ?? {}
  return 'ZX'.includes(state) ? undefined : { pid, startTime }
}

/** @param {ProcessId} id @returns {boolean} */
export const isAlive = ({ pid, startTime }) => processId(pid)?.startTime === startTime

const rowsOf = table =>
  table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
const LISTEN = '0A'

/** Sockets in state LISTEN. `address`: in hexadecimal, with the port.
 *  @param {string[]} [tables] @returns {{ address: string, port: number, inode: string }[]} */
export function listening(tables = ['tcp', 'tcp6'].map(name => procText(`net/${name}`))) {
  const rows = tables.flatMap(rowsOf).filter(([, , , state]) => state === LISTEN)
  return rows.map(fields => ({ address: fields[1], port: Number.parseInt(fields[1].split(':').at(-1), 16), inode: fields[9] }))
}

/** Inodes of the sockets that a process holds. @param {number} pid @returns {string[]} */
export function socketsOf(pid) {
  const links = procNames(`${pid}/fd`).map(file => procLink(`${pid}/fd/${file}`))
  return links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

/** Segments of System V shared memory. `attached`: number of processes.
 *  @returns {{ id: string, creator: number, attached: number }[]} */
export function sharedMemory() {
  const rows = rowsOf(procText('sysvipc/shm')).filter(({ length }) => length > 7)
  return rows.map(([, id = '', , , creator, , attached]) => ({ id, creator: Number(creator), attached: Number(attached) }))
}
