import { readdir, readFile, readlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'

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

interface Process {
  pid: string
  name: string
  whose: 'this home' | 'another lab' | 'unknown'
}

export async function snapshot(home: string): Promise<Snapshot> {
  const processes = await processesNow(home)
  const others = processes.filter(process => process.whose === 'another lab')
  const own = processes.filter(({ whose, name }) => whose === 'this home' || (whose === 'unknown' && PROGRAMS.test(name)))
  return {
    listening: await listening(await socketsOf(others)),
    processes: own.map(({ pid, name }) => `${pid} ${name}`),
    temporary: await temporary(home),
    sharedMemory: await sharedMemory(),
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

async function processesNow(home: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid): Promise<Process[]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      if (stat === '' || /^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1))) return []
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      const program = await readlink(`/proc/${pid}/exe`).catch(() => '')
      if (environment.includes(home) || program.startsWith(home)) return [{ pid, name, whose: 'this home' }]
      // Postgres overwrites its environment; the program is a copy in that lab's folder.
      const other = OTHER_MARK.test(environment) || /\/postgres\/bin\/(postgres|initdb)/.test(program)
      return [{ pid, name, whose: other ? 'another lab' : 'unknown' }]
    }),
  )
  return found.flat()
}

/** Inodes of the sockets that these processes hold. */
async function socketsOf(processes: Process[]): Promise<Set<string>> {
  const inodes = await Promise.all(
    processes.map(async ({ pid }) => {
      const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
      const links = await Promise.all(files.map(file => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
      return links.map(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? '')
    }),
  )
  return new Set(inodes.flat())
}

async function listening(exceptInodes: Set<string>): Promise<string[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(file => readFile(file, 'utf8').catch(() => '')))
  return tables.flatMap(table =>
    table
      .split('\n')
      .slice(1)
      .map(line => line.trim().split(/\s+/))
      .filter(fields => fields[3] === '0A' && !exceptInodes.has(fields[9] ?? ''))
      .map(fields => fields[1] ?? ''),
  )
}

async function temporary(home: string): Promise<string[]> {
  const known = (await readdir(tmpdir())).filter(name => /^(rabbitmq|erl_|epmd|\.s\.PGSQL|hsperf|initdb)/i.test(name))
  const inHome = await readdir(home).catch(() => [])
  return [...known, ...inHome.map(name => `${home}/${name}`)]
}

async function sharedMemory(): Promise<string[]> {
  const lines = (await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')).split('\n').slice(1)
  return lines
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[6] === '0')
    .map(fields => fields[1] ?? '')
}
