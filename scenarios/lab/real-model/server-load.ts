import { readdir, readFile, readlink } from 'node:fs/promises'
import { cpuMs, type ProcessId, processId, treeOf } from '../runtime/processes.ts'

/** CPU time of a model server here, with its runners: it works for the lab. */
export class ServerLoad {
  readonly #root: ProcessId | undefined
  #seenMs = 0

  private constructor(root: ProcessId | undefined) {
    this.#root = root
  }

  /** Found by its listening port. Unknown: remote servers, other users', this very process. */
  static async of(url: string): Promise<ServerLoad> {
    const { hostname, port, protocol } = new URL(url)
    const root = /^(localhost|127\.|\[::1\])/.test(hostname)
      ? await listenerOn(Number(port || (protocol === 'https:' ? 443 : 80)))
      : undefined
    return new ServerLoad(root?.pid === process.pid ? undefined : root)
  }

  get known(): boolean {
    return this.#root !== undefined
  }

  /** Since its start. An ended runner counts for its server; an ended server as last seen. */
  async readMs(): Promise<number> {
    if (this.#root === undefined) return 0
    const tree = await treeOf(this.#root)
    if (tree.length > 0) this.#seenMs = await cpuMs(tree)
    return this.#seenMs
  }
}

const LISTENING = '0A'

/** The process that listens on a TCP port of this machine; of several the first. */
async function listenerOn(port: number): Promise<ProcessId | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(name => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = new Set(
    tables
      .flatMap(table => table.split('\n').map(line => line.trim().split(/\s+/)))
      .filter(([, local = '', , state]) => local.endsWith(suffix) && state === LISTENING)
      .map(fields => `socket:[${fields[9]}]`),
  )
  if (sockets.size === 0) return undefined
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) if (sockets.has(await readlink(`/proc/${pid}/fd/${file}`).catch(() => ''))) return processId(Number(pid))
  }
  return undefined
}
