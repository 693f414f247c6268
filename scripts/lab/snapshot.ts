import { readdir, readFile, readlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'

/** What a machine holds at one moment, for a test that compares two: whatever a lab leaves behind shows up as a difference. */
export interface Snapshot {
  /** `address:port` in hexadecimal, as the kernel prints it. */
  listening: string[]
  /** `pid name`, of processes that could be a lab's; zombies and kernel threads do not count. */
  processes: string[]
  temporary: string[]
  sharedMemory: string[]
}

const PROGRAMS = /beam|epmd|erl_child|inet_gethost|postgres|node|rabbitmq|initdb|\bsh$/

export async function snapshot(home: string): Promise<Snapshot> {
  return {
    listening: await listening(),
    processes: await processes(home),
    temporary: await temporary(home),
    sharedMemory: await sharedMemory(),
  }
}

/** What `after` has and `before` had not. */
export function added(before: Snapshot, after: Snapshot): Snapshot {
  const minus = (key: keyof Snapshot) => after[key].filter(item => !before[key].includes(item))
  return {
    listening: minus('listening'),
    processes: minus('processes'),
    temporary: minus('temporary'),
    sharedMemory: minus('sharedMemory'),
  }
}

async function listening(): Promise<string[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(file => readFile(file, 'utf8').catch(() => '')))
  return tables.flatMap(table =>
    table
      .split('\n')
      .slice(1)
      .map(line => line.trim().split(/\s+/))
      .filter(fields => fields[3] === '0A')
      .map(fields => fields[1] ?? ''),
  )
}

/** Those of this lab's home by their environment or program, and every broker, database or port mapper besides. */
async function processes(home: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    if (stat === '' || /^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1)) || !PROGRAMS.test(name)) continue
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    const program = await readlink(`/proc/${pid}/exe`).catch(() => '')
    const own = environment.includes(home) || program.startsWith(home)
    if (own || /beam|epmd|erl_child|inet_gethost|postgres|rabbitmq/.test(name)) found.push(`${pid} ${name}`)
  }
  return found
}

async function temporary(home: string): Promise<string[]> {
  const ours = (await readdir(tmpdir())).filter(name => /prefetch|lab|rabbit|erl|postgres|epmd/i.test(name))
  const inHome = await readdir(home).catch(() => [])
  return [...ours, ...inHome.map(name => `${home}/${name}`)]
}

async function sharedMemory(): Promise<string[]> {
  const lines = (await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')).split('\n').slice(1)
  return lines.map(line => line.trim().split(/\s+/)[1] ?? '').filter(id => id !== '')
}
