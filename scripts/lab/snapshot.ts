import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { listening, pids, procLink, procText, sharedMemory, socketsOf, statOf } from '../../scenarios/lab/runtime/proc.mjs'

/** What a machine holds at one moment, without labs of other homes; leftovers are a difference. */
export interface Snapshot {
  /** `address:port` in hexadecimal, as the kernel prints it. */
  listening: string[]
  /** `pid name`, of processes that could be a lab's; zombies do not count. */
  processes: string[]
  temporary: string[]
  /** Segments that nobody is attached to. */
  sharedMemory: string[]
}

const PROGRAMS = /beam|epmd|erl_child|inet_gethost|postgres|rabbitmq|initdb/
const OTHER_MARK = /(?:^|\0)PREFETCH_LAB_MARK=/

export async function snapshot(home: string): Promise<Snapshot> {
  const sockets = listening() // Before their owners, so that each has one.
  const all = pids().flatMap(pid => processOf(pid, home))
  const own = all.filter(({ whose, name }) => whose === 'this home' || (whose === 'unknown' && PROGRAMS.test(name)))
  // A test beside this one listens too, and so does an engine for its containers.
  const elsewhere = new Set(all.flatMap(each => (own.includes(each) || each.pid === process.pid ? [] : socketsOf(each.pid))))
  return {
    listening: sockets.flatMap(({ address, inode }) => (elsewhere.has(inode) ? [] : address)),
    processes: own.map(({ pid, name }) => `${pid} ${name}`),
    temporary: await temporary(home),
    sharedMemory: sharedMemory().flatMap(({ id, attached }) => (attached === 0 ? id : [])),
  }
}

export function added(before: Snapshot, after: Snapshot): Snapshot {
  const minus = (key: keyof Snapshot) => after[key].filter(item => !before[key].includes(item))
  return {
    listening: minus('listening'),
    processes: minus('processes'),
    temporary: minus('temporary'),
    sharedMemory: minus('sharedMemory'),
  }
}

function processOf(pid: number, home: string) {
  const { name = '', state = 'X' } = statOf(pid) ?? {}
  if ('ZX'.includes(state)) return []
  const [environment, program] = [procText(`${pid}/environ`), procLink(`${pid}/exe`)]
  if (environment.includes(home) || program.startsWith(home)) return [{ pid, name, whose: 'this home' }]
  // Postgres overwrites its environment; the program is a copy in that lab's folder.
  // A container has its own pids.
  const contained = procLink(`${pid}/ns/pid`) !== procLink('self/ns/pid')
  const other = contained || OTHER_MARK.test(environment) || /\/postgres\/bin\/(postgres|initdb)/.test(program)
  return [{ pid, name, whose: other ? 'another lab' : 'unknown' }]
}

async function temporary(home: string): Promise<string[]> {
  const known = (await readdir(tmpdir())).filter(name => /^(rabbitmq|erl_|epmd|\.s\.PGSQL|hsperf|initdb)/i.test(name))
  const inHome = await readdir(home).catch(() => [])
  return [...known, ...inHome.map(name => `${home}/${name}`)]
}
