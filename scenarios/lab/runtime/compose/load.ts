import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pids, procText, statOf } from '../proc.mjs'
import { Counters } from './counters.ts'
import type { ContainerState } from './project.ts'

/** CPU of a lab's containers, by the kernel, and of the engine's helpers. */

const GROUPS = '/sys/fs/cgroup'

interface Account {
  file: string
  /** The figure in it, to milliseconds. */
  read(text: string): number
}

/** A container's CPU account: cgroup v2, else v1. undefined once it ended. */
async function accountOf(pid: number): Promise<Account | undefined> {
  const lines = procText(`${pid}/cgroup`).trim().split('\n')
  const groups = lines.map(line => /^\d+:([^:]*):(.*)$/.exec(line)).filter(match => match !== null)
  for (const [, controllers = '', path = ''] of groups) {
    if (controllers.split(',').includes('cpuacct')) {
      const files = [controllers, 'cpuacct'].map(name => `${GROUPS}/${name}${path}/cpuacct.usage`)
      const file = files.find(existsSync)
      if (file !== undefined) return { file, read: text => Number(text) / 1e6 }
    }
    const unified = `${GROUPS}${path}/cpu.stat`
    if (controllers === '' && existsSync(unified))
      return { file: unified, read: text => Number(/^usage_usec (\d+)/m.exec(text)?.[1] ?? 0) / 1_000 }
  }
  return undefined
}

/** All processes of a container, as this machine numbers them. */
export async function processesIn(pid: number): Promise<number[]> {
  const account = await accountOf(pid)
  if (account === undefined) return []
  const list = await readFile(account.file.replace(/[^/]+$/, 'cgroup.procs'), 'utf8').catch(() => '')
  return list
    .split('\n')
    .filter(line => line !== '')
    .map(Number)
}

/** Ended containers keep their last figure; a restarted one keeps its account, so counts on. */
export class ContainersLoad {
  readonly #accounts = new Map<string, Account>()
  readonly #counters = new Counters()

  /** Counts these from now on. @param states all, stopped too: absent ones are gone for good. */
  async watch(states: readonly ContainerState[]): Promise<void> {
    const there = new Set(states.map(({ id }) => id))
    for (const id of this.#accounts.keys()) if (!there.has(id)) this.#accounts.delete(id)
    for (const { id, pid } of states) {
      const account = pid === 0 || this.#accounts.has(id) ? undefined : await accountOf(pid)
      if (account !== undefined) this.#accounts.set(id, account)
    }
  }

  /** @param ports published ones, which mark forwarders. @returns milliseconds in all */
  async readMs(ports: readonly number[]): Promise<number> {
    await Promise.all([...this.#accounts].map(([id, account]) => this.#look(id, account)))
    this.#helpers(ports)
    return this.#counters.sum
  }

  async #look(id: string, { file, read }: Account): Promise<void> {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text !== '') this.#counters.saw(id, read(text))
  }

  /** Engine, shims and our forwarders. Other users' containers count with the engine. */
  #helpers(ports: readonly number[]): void {
    for (const pid of pids()) {
      const { name = '', startTime, cpuMs = 0 } = statOf(pid) ?? {}
      if (!/^(dockerd|containerd|containerd-shim.*|docker-proxy)$/.test(name)) continue
      const command = name === 'docker-proxy' ? procText(`${pid}/cmdline`).split('\0') : undefined
      if (command === undefined || ports.includes(Number(command[command.indexOf('-host-port') + 1])))
        this.#counters.saw(`${pid} ${startTime}`, cpuMs)
    }
  }
}
