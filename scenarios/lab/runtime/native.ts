import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { brokersOf } from '../brokers.ts'
import { LabError, ofLab } from '../errors.ts'
import type { FaultLink } from '../link/fault-link.ts'
import type { LabPlan, Part, PartKind } from '../plan.ts'
import { clearFolder } from './clear.ts'
import { COMMAND } from './command.ts'
import { CONSOLE } from './console-process.ts'
import { endLeftovers, killProcesses, pauseProcesses, resumeProcesses, stopProcesses, treesOf } from './end-processes.ts'
import { type Condition, lackingParts } from './lacking.ts'
import { LoadMeter } from './machine-load.ts'
import { dropOwnSpace, ensureOwnSpace } from './own-broker.ts'
import { noLinks, PartLinks } from './part-links.ts'
import { follow, type PartProcess, tail } from './part-process.ts'
import { partStatus } from './part-status.ts'
import { expectFree } from './ports.ts'
import { POSTGRES } from './postgres.ts'
import { isAlive } from './proc.mjs'
import { isPaused, signalAll } from './processes.ts'
import { erlangName, RABBITMQ, rabbitmqctl } from './rabbitmq.ts'
import { RecordedRuntime } from './recorded.ts'
import { LabRecords } from './records.ts'
import { GPU, IM_NODE, WORKER } from './service.ts'
import type { LabState, PartRecord } from './state.ts'
import type { MachineLoad, OnPart, PartRequest, PartStatus, Runtime } from './types.ts'
import type { Seen } from './verbs.ts'
import { waitReady } from './wait-ready.ts'

/** The lab as local processes: no Docker, no system service, loopback only. */

const KINDS: Record<PartKind, PartProcess> = {
  broker: RABBITMQ,
  database: POSTGRES,
  'im-node': IM_NODE,
  gpu: GPU,
  worker: WORKER,
  command: COMMAND,
  console: CONSOLE,
}

const PORT_TRIES = 5
/** At whether a part that starts is ready. */
const LOOK_EVERY_MS = 25

export class NativeRuntime extends RecordedRuntime implements Runtime {
  readonly name = 'native'
  readonly #load: LoadMeter
  readonly #links = new PartLinks()

  constructor(folder: string, state: LabState) {
    super(new LabRecords(folder, state), KINDS)
    this.#load = new LoadMeter(folder)
  }

  async up(onPart: OnPart, signal: AbortSignal): Promise<void> {
    for (const folder of ['logs', 'home', 'tmp']) await mkdir(join(this.records.folder, folder), { recursive: true, mode: 0o700 })
    await ensureOwnSpace(this.records, signal)
    const parts = this.parts.filter(({ kind }) => kind !== 'command')
    // One after the other, so that no two of them choose the same port.
    for (const part of parts) await this.records.want(part, this.#portsOf(part))
    const failed = new AbortController()
    const stop = AbortSignal.any([signal, failed.signal])
    const ready = new Map<string, Promise<void>>()
    for (const part of parts) {
      const needs = part.needs.map(name => ready.get(name))
      const starting = Promise.all(needs).then(async () => {
        stop.throwIfAborted()
        const startedMs = performance.now()
        onPart(part, 'starting', 0)
        await this.start(part.name, stop)
        onPart(part, 'ready', performance.now() - startedMs)
      })
      ready.set(part.name, starting)
      // The first failure ends the others' waiting.
      starting.catch((error: unknown) => failed.abort(error))
    }
    await Promise.allSettled(ready.values())
    stop.throwIfAborted()
    await this.records.up()
  }

  async renew(plan: LabPlan, signal: AbortSignal): Promise<void> {
    const space = this.records.nextSpace
    const before = this.records.state.space
    await Promise.all(this.records.started.map(part => this.kill(part.name)))
    await this.#links.closeAll() // Each arm has its own.
    await dropOwnSpace(this.records, before)
    await this.records.renew(plan, space)
    await this.up(() => undefined, signal)
  }

  async start(name: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const part = this.records.part(name)
    const kind = KINDS[part.kind]
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.records.want(part, this.#portsOf(part))
      const [main] = record.processes
      if (main === undefined || !isAlive(main)) {
        await endLeftovers(this.records.folder, name, record)
        await expectFree(
          name,
          record,
          this.#portsOf(part).filter(port => port !== 'epmd' || brokersOf(this.plan).length === 1),
        )
        await this.#launch(part, kind, record, signal)
      } else if (isPaused(main)) await this.resume(name)
      const context = this.context(name)
      const trouble = await waitReady({
        missing: () => kind.missing(context, signal),
        ended: () => this.#ended(name, record),
        lacking: () => lackingParts(this.records.state, this.plan, part, other => this.#condition(other)),
        signal,
        everyMs: LOOK_EVERY_MS,
      })
      if (trouble === undefined) {
        await kind.prepare?.(context)
        return
      }
      // Another program took a port meanwhile. Fixed ports, or those others know, cannot move.
      if (!trouble.portTaken || this.records.state.fixedPorts || record.starts > attempt || attempt === PORT_TRIES) {
        const { reason, portTaken, afterMs } = trouble
        throw new LabError(
          portTaken ? 'PORT_TAKEN' : 'PART_NOT_READY',
          `${name} is not ready after ${(afterMs / 1_000).toFixed(1)} s: ${reason}\n${await this.logTail(name, 20)}\nSee: npm run lab:logs ${name}${ofLab(this.records.state.name)}`,
        )
      }
      signalAll(treesOf(record), 'SIGKILL')
      record.processes = []
      record.ports = {}
    }
  }

  #portsOf({ kind }: Part): readonly string[] {
    const { ports, morePorts } = KINDS[kind]
    return [...ports, ...(morePorts?.(this.plan) ?? [])]
  }

  async #ended(name: string, { processes: [main] }: PartRecord) {
    if (main !== undefined && isAlive(main)) return undefined
    const log = await tail(this.records.folder, name, 40)
    return { reason: 'its process ended', portTaken: /EADDRINUSE|eaddrinuse|already in use/.test(log) }
  }

  async #condition(name: string): Promise<Condition> {
    const main = this.records.state.parts[name]?.processes[0]
    if (main === undefined) return undefined
    if (isPaused(main)) return 'paused'
    return isAlive(main) ? 'runs' : 'ended'
  }

  async stop(name: string): Promise<Seen> {
    return stopProcesses(await this.records.unwant(name), KINDS[this.records.part(name).kind].stopSignal)
  }

  async kill(name: string): Promise<Seen> {
    const record = await this.records.unwant(name)
    const seen = await killProcesses(record)
    await endLeftovers(this.records.folder, name, record)
    return seen
  }

  async pause(name: string): Promise<Seen> {
    return pauseProcesses(this.records.known(name))
  }

  async resume(name: string): Promise<Seen> {
    return resumeProcesses(this.records.known(name))
  }

  async partition(name: string): Promise<void> {
    if (!(await this.#links.set(this.records.part(name).name, { timeout: true }))) throw noLinks(name)
  }

  async heal(name: string): Promise<void> {
    if (!(await this.#links.set(this.records.part(name).name, {}))) throw noLinks(name)
  }

  async brokerLink(name: string): Promise<FaultLink> {
    const port = this.records.state.parts[brokersOf(this.plan)[0] ?? '']?.ports['amqp']
    if (port !== undefined) return this.#links.to(this.records.part(name).name, port)
    throw new LabError(
      'BAD_SETTING',
      `--broker: expected the lab's own, whose connections it can read, for the worker ${name}\nDrop --broker`,
    )
  }

  async status(): Promise<PartStatus[]> {
    return Promise.all(
      this.parts.map(part => {
        const { parts, phase } = this.records.state
        const record = parts[part.name]
        return partStatus(part, KINDS[part.kind], record, record === undefined ? undefined : this.context(part.name), phase)
      }),
    )
  }

  async exited(): Promise<string[]> {
    // Whether a command runs is for its scenario to judge.
    const ours = this.parts.filter(({ kind }) => kind !== 'command')
    return ours.flatMap(({ name }) => {
      const record = this.records.state.parts[name]
      const main = record?.wanted === 'running' ? record.processes[0] : undefined
      return main === undefined || isAlive(main) ? [] : [name]
    })
  }

  async machineLoad(): Promise<MachineLoad> {
    return this.#load.read(this.plan.ownBroker?.url)
  }

  protected erlangName(broker: string): string {
    return erlangName(this.records.known(broker).ports)
  }

  readonly rabbitmqctl = (name: string, args: readonly string[]) => rabbitmqctl(this.context(name), args)

  request(name: string, path: string, init: PartRequest): Promise<Response> {
    const { control, http } = this.urls(name)
    return fetch(new URL(path, control ?? http), init)
  }

  logTail(name: string, lines: number): Promise<string> {
    return tail(this.records.folder, this.records.part(name).name, lines)
  }

  logFollow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    return follow(this.records.folder, this.records.part(name).name, onText, signal)
  }

  close(): void {} // Links are the lab's own, and go with it.

  async down(): Promise<void> {
    await clearFolder(this.records.folder)
    await this.#links.closeAll()
  }

  async #launch(part: Part, kind: PartProcess, record: PartRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const context = this.context(part.name)
    record.processes = [] // Of before: a dead one must not be taken for one that has just ended.
    if (this.records.state.links === true && part.kind !== 'broker' && part.kind !== 'database')
      await this.#links.toAll(part.name, this.records.state)
    record.processes = await kind.launch({ ...context, addresses: this.#links.through(part.name, context.addresses) })
    record.startedAt = new Date().toISOString()
    record.starts += 1
    await this.records.save()
  }
}
