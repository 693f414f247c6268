import { listening, type ProcessId, pids, processId, socketsOf } from '../runtime/proc.mjs'
import { cpuMs, treeOf } from '../runtime/processes.ts'

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
    const root = /^(localhost|127\.|\[::1\])/.test(hostname) ? listenerOn(Number(port || (protocol === 'https:' ? 443 : 80))) : undefined
    return new ServerLoad(root?.pid === process.pid ? undefined : root)
  }

  get known(): boolean {
    return this.#root !== undefined
  }

  /** Since its start. An ended runner counts for its server; an ended server as last seen. */
  async readMs(): Promise<number> {
    if (this.#root === undefined) return 0
    const tree = treeOf(this.#root)
    if (tree.length > 0) this.#seenMs = cpuMs(tree)
    return this.#seenMs
  }
}

/** The process that listens on a TCP port of this machine; of several the first. */
function listenerOn(port: number): ProcessId | undefined {
  const sockets = new Set(listening().flatMap(socket => (socket.port === port ? socket.inode : [])))
  const pid = sockets.size === 0 ? undefined : pids().find(one => socketsOf(one).some(inode => sockets.has(inode)))
  return pid === undefined ? undefined : processId(pid)
}
