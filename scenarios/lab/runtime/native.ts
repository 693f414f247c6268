import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrokerRole } from '#contracts/topology'
import { LabError } from '../errors.ts'
import type { Addresses } from '../part-env.ts'
import { type LabPlan, type Part, type PartKind, partsOf } from '../plan.ts'
import { clearFolder } from './clear.ts'
import { killProcesses, stopProcesses, treesOf } from './end-processes.ts'
import { LoadMeter } from './machine-load.ts'
import { follow, type PartContext, type PartProcess, tail } from './part-process.ts'
import { partStatus } from './part-status.ts'
import { fixedPort, freePort } from './ports.ts'
import { databaseUrl, POSTGRES } from './postgres.ts'
import { isAlive, isPaused, signalAll } from './processes.ts'
import { amqpUrl, RABBITMQ } from './rabbitmq.ts'
import { GPU, IM_NODE, WORKER } from './service.ts'
import { type LabState, type PartRecord, saveState } from './state.ts'
import type { MachineLoad, OnPart, PartStatus, Runtime } from './types.ts'
import { READY_WITHIN_MS, waitReady } from './wait-ready.ts'

/** The lab as local processes: no Docker, no system service, loopback only. */

const KINDS: Record<PartKind, PartProcess> = { broker: RABBITMQ, database: POSTGRES, 'im-node': IM_NODE, gpu: GPU, worker: WORKER }

const PORT_TRIES = 5

export class NativeRuntime implements Runtime {
  readonly name = 'native'
  readonly #folder: string
  readonly #state: LabState
  readonly #load: LoadMeter
  #saving: Promise<void> = Promise.resolve()

  constructor(folder: string, state: LabState) {
    this.#folder = folder
    this.#state = state
    this.#load = new LoadMeter(folder)
  }

  get plan(): LabPlan {
    return this.#state.plan
  }

  get parts(): Part[] {
    return partsOf(this.#state.plan)
  }

  async up(onPart: OnPart, signal: AbortSignal): Promise<void> {
    for (const folder of ['logs', 'home', 'tmp']) await mkdir(join(this.#folder, folder), { recursive: true, mode: 0o700 })
    // One after the other, so that no two of them choose the same port.
    for (const part of this.parts) await this.#record(part, KINDS[part.kind])
    const failed = new AbortController()
    const stop = AbortSignal.any([signal, failed.signal])
    const ready = new Map<string, Promise<void>>()
    for (const part of this.parts) {
      const needs = part.needs.map(name => ready.get(name))
      const starting = Promise.all(needs).then(async () => {
        stop.throwIfAborted()
        const startedMs = performance.now()
        onPart(part, 'starting', 0)
        await this.start(part.name, stop)
        onPart(part, 'ready', performance.now() - startedMs)
      })
      ready.set(part.name, starting)
      // The first failure ends the others' waiting; it is the one that is told.
      starting.catch((error: unknown) => failed.abort(error))
    }
    await Promise.allSettled(ready.values())
    stop.throwIfAborted()
    this.#state.phase = 'up'
    await this.#save()
  }

  async renew(plan: LabPlan, signal: AbortSignal): Promise<void> {
    const { space, spaces } = this.#state
    const next = spaces[spaces.indexOf(space) + 1]
    if (next === undefined) throw new LabError('NO_SPACE', `expected at most ${spaces.length} arms, got one more: start the lab with more`)
    const ours = this.parts.filter(part => part.kind !== 'broker' && part.kind !== 'database')
    await Promise.all(ours.map(part => this.kill(part.name)))
    for (const part of ours) delete this.#state.parts[part.name]
    this.#state.space = next
    this.#state.plan = plan
    await this.#save()
    const database = this.#part('postgres')
    await POSTGRES.prepare?.(this.#context(database, this.#known('postgres')))
    await this.up(() => undefined, signal)
  }

  async start(name: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const part = this.#part(name)
    const kind = KINDS[part.kind]
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.#record(part, kind)
      const [main] = record.processes
      if (main === undefined || !(await isAlive(main))) await this.#launch(part, kind, record, signal)
      else if (await isPaused(main)) await this.resume(name)
      const trouble = await waitReady(kind, this.#context(part, record), record, signal)
      if (trouble === undefined) return
      // Somebody took a port between the look and the use. With fixed ports there is no other.
      if (trouble !== 'port taken' || this.#state.fixedPorts || attempt === PORT_TRIES) {
        throw new LabError(
          trouble === 'port taken' ? 'PORT_TAKEN' : 'PART_NOT_READY',
          `${name} did not become ready within ${READY_WITHIN_MS} ms (last: ${trouble}).\n${await this.logTail(name, 20)}\nSee: npm run lab:logs ${name}`,
        )
      }
      await signalAll(await treesOf(record), 'SIGKILL')
      record.processes = []
      record.ports = {}
    }
  }

  async stop(name: string): Promise<void> {
    await stopProcesses(await this.#unwant(name), KINDS[this.#part(name).kind].stopSignal)
  }

  async kill(name: string): Promise<void> {
    await killProcesses(await this.#unwant(name))
  }

  async pause(name: string): Promise<void> {
    await signalAll(await treesOf(this.#known(name)), 'SIGSTOP')
  }

  async resume(name: string): Promise<void> {
    await signalAll(await treesOf(this.#known(name)), 'SIGCONT')
  }

  async status(): Promise<PartStatus[]> {
    return Promise.all(
      this.parts.map(part => {
        const record = this.#state.parts[part.name]
        const context = record === undefined ? undefined : this.#context(part, record)
        return partStatus(part, KINDS[part.kind], record, context, this.#state.phase)
      }),
    )
  }

  machineLoad(): Promise<MachineLoad> {
    return this.#load.read()
  }

  urls(name: string): Record<string, string> {
    const external = this.#state.plan.gpus.find(gpu => gpu.name === name)?.url
    return external === undefined ? KINDS[this.#part(name).kind].urls(this.#known(name).ports, this.#state.space) : { http: external }
  }

  amqpUrl(role: BrokerRole): string {
    return amqpUrl({ ports: this.#known('rabbitmq').ports, passwords: this.#state.passwords, space: this.#state.space }, role)
  }

  databaseUrl(role: 'im' | 'worker' | 'lab'): string {
    const { passwords, space } = this.#state
    return databaseUrl({ ports: this.#known('postgres').ports, passwords, space }, role === 'lab' ? 'owner' : role)
  }

  logTail(name: string, lines: number): Promise<string> {
    return tail(this.#folder, this.#part(name).name, lines)
  }

  logFollow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    return follow(this.#folder, this.#part(name).name, onText, signal)
  }

  async keep(): Promise<void> {
    this.#state.owner = undefined
    this.#state.kept = true
    await this.#save()
  }

  async down(): Promise<void> {
    await clearFolder(this.#folder)
  }

  #part(name: string): Part {
    const part = this.parts.find(other => other.name === name)
    if (part === undefined)
      throw new LabError('UNKNOWN_PART', `expected one of ${this.parts.map(other => other.name).join(', ')}, got ${JSON.stringify(name)}`)
    return part
  }

  #known(name: string): PartRecord {
    const record = this.#state.parts[this.#part(name).name]
    if (record === undefined) throw new LabError('PART_NOT_READY', `${name} was never started.\nStart it: npm run lab:start ${name}`)
    return record
  }

  async #unwant(name: string): Promise<PartRecord> {
    const record = this.#known(name)
    record.wanted = 'stopped'
    await this.#save()
    return record
  }

  /** With its ports chosen, and written down before anything is started. */
  async #record(part: Part, kind: PartProcess): Promise<PartRecord> {
    const record = this.#state.parts[part.name] ?? { wanted: 'running', processes: [], startedAt: '', starts: 0, ports: {} }
    this.#state.parts[part.name] = record
    record.wanted = 'running'
    for (const port of kind.ports) {
      if (record.ports[port] !== undefined) continue
      const taken = new Set(Object.values(this.#state.parts).flatMap(other => Object.values(other.ports)))
      record.ports[port] = this.#state.fixedPorts ? await fixedPort(`${part.name}.${port}`) : await freePort(taken)
    }
    await this.#save()
    return record
  }

  async #launch(part: Part, kind: PartProcess, record: PartRecord, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    record.processes = await kind.launch(this.#context(part, record))
    record.startedAt = new Date().toISOString()
    record.starts += 1
    await this.#save()
  }

  #context(part: Part, record: PartRecord): PartContext {
    const { plan, mark, passwords, space, spaces } = this.#state
    const addresses: Addresses = {
      amqpUrl: role => this.amqpUrl(role),
      databaseUrl: role => this.databaseUrl(role),
      gpuUrl: gpu => this.urls(gpu)['http'] ?? '',
      labSecret: this.#state.secret,
    }
    return { part, plan, folder: this.#folder, mark, ports: record.ports, passwords, space, spaces, addresses, processes: record.processes }
  }

  #save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => saveState(this.#folder, this.#state))
    return this.#saving
  }
}
