import { mkdir } from 'node:fs/promises'
import { LabError, ofLab } from '../errors.ts'
import type { LabPlan, Part } from '../plan.ts'
import { clearFolder } from './clear.ts'
import { ComposeProject } from './compose/compose-project.ts'
import { ContainerHttp } from './compose/container-http.ts'
import { KINDS } from './compose/kinds.ts'
import { ContainersLoad } from './compose/load.ts'
import { Looks } from './compose/looks.ts'
import { doAndSee } from './compose/seen.ts'
import { containerStatus } from './compose/status.ts'
import { type Condition, lackingParts } from './lacking.ts'
import { readMachine } from './machine-load.ts'
import { processId } from './proc.mjs'
import { cpuMs, treeOf } from './processes.ts'
import { prepareBroker } from './rabbitmq.ts'
import { RecordedRuntime } from './recorded.ts'
import { LabRecords } from './records.ts'
import type { LabState } from './state.ts'
import type { MachineLoad, OnPart, PartRequest, PartStatus, Runtime } from './types.ts'
import type { Seen } from './verbs.ts'
import { waitReady } from './wait-ready.ts'

/** The lab as containers of one compose project, on the networks of compose.yaml. */

const PROBE_WITHIN_MS = 2_000
const LOG_LINES = 20

const noCommands = () =>
  new LabError(
    'NOT_ON_COMPOSE',
    'a worker of your own is a local process, and containers of the lab have no port for it.\nTake local processes: --runtime native',
  )

export class ComposeRuntime extends RecordedRuntime implements Runtime {
  readonly name = 'compose'
  readonly #project: ComposeProject
  readonly #load = new ContainersLoad()
  /** Into parts that publish no port. */
  readonly #loopbacks = new Map<string, ContainerHttp>()

  constructor(folder: string, state: LabState) {
    super(new LabRecords(folder, state), KINDS)
    this.#project = new ComposeProject(this.records)
  }

  async up(onPart: OnPart, signal: AbortSignal): Promise<void> {
    if (this.plan.commands !== undefined) throw noCommands()
    await mkdir(this.records.folder, { recursive: true, mode: 0o711 })
    // Containers outlive temporary folders: an earlier lab of this name has other passwords.
    if (this.records.state.phase === 'starting') await this.#project.clear()
    for (const part of this.parts) await this.#want(part)
    // Two steps, because each call of compose takes half a second, whatever it starts.
    const first = this.parts.filter(part => part.needs.length === 0)
    await this.#startAll(first, onPart, signal)
    await this.#startAll(
      this.parts.filter(part => part.needs.length > 0),
      onPart,
      signal,
    )
    await this.records.up()
  }

  async renew(plan: LabPlan, signal: AbortSignal): Promise<void> {
    const space = this.records.nextSpace
    this.close()
    await this.#project.remove(this.records.services.map(part => part.name))
    await this.records.renew(plan, space)
    await this.up(() => undefined, signal)
  }

  async start(name: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const part = this.records.part(name)
    await this.#want(part)
    await this.#startAll([part], () => undefined, signal)
  }

  async stop(name: string): Promise<Seen> {
    await this.records.unwant(name)
    return doAndSee(this.#project, 'stop', name)
  }

  async kill(name: string): Promise<Seen> {
    await this.records.unwant(name)
    return doAndSee(this.#project, 'kill', name)
  }

  async pause(name: string): Promise<Seen> {
    return doAndSee(this.#project, 'pause', this.records.part(name).name)
  }

  async resume(name: string): Promise<Seen> {
    return doAndSee(this.#project, 'resume', this.records.part(name).name)
  }

  async partition(name: string): Promise<void> {
    await this.#project.disconnect(this.records.part(name).name)
  }

  async heal(name: string): Promise<void> {
    await this.#project.connect(name, KINDS[this.records.part(name).kind].networks)
  }

  async brokerLink(): Promise<never> {
    throw noCommands()
  }

  async status(): Promise<PartStatus[]> {
    const states = await this.#project.states()
    return Promise.all(
      this.parts.map(part => {
        const record = this.records.state.parts[part.name]
        const missing = () => this.#missing(part, AbortSignal.timeout(PROBE_WITHIN_MS))
        const urls = record === undefined ? {} : this.urls(part.name)
        return containerStatus(part, { record, state: states.get(part.name), urls, phase: this.records.state.phase, missing })
      }),
    )
  }

  async exited(): Promise<string[]> {
    const running = await this.#project.running()
    return this.parts.map(part => part.name).filter(name => this.records.state.parts[name]?.wanted === 'running' && !running.has(name))
  }

  async machineLoad(): Promise<MachineLoad> {
    const ports = Object.values(this.records.state.parts).flatMap(part => Object.values(part.ports))
    const containersMs = await this.#load.readMs(ports)
    return { ...readMachine(), ownMs: containersMs + withCommandsMs() }
  }

  /** As compose.yaml names it. */
  protected erlangName(): string {
    return 'rabbit@localhost'
  }

  rabbitmqctl(name: string, args: readonly string[]): Promise<string> {
    return this.#project.rabbitmqctl(this.records.part(name).name, args)
  }

  async request(name: string, path: string, init: PartRequest): Promise<Response> {
    const { control, http } = this.urls(name)
    const base = control ?? http
    return base === undefined ? this.#loopback(name).request(path, init) : fetch(new URL(path, base), init)
  }

  logTail(name: string, lines: number): Promise<string> {
    return this.#project.logTail(this.records.part(name).name, lines)
  }

  logFollow(name: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    return this.#project.logFollow(this.records.part(name).name, onText, signal)
  }

  close(): void {
    for (const loopback of this.#loopbacks.values()) loopback.close()
    this.#loopbacks.clear()
  }

  async down(): Promise<void> {
    this.close()
    await clearFolder(this.records.folder)
  }

  #want(part: Part) {
    return this.records.want(part, Object.keys(KINDS[part.kind].ports))
  }

  /** Creates and starts those that do not run, together, and waits until each can be used. */
  async #startAll(parts: readonly Part[], onPart: OnPart, signal: AbortSignal): Promise<void> {
    const startedMs = performance.now()
    for (const part of parts) onPart(part, 'starting', 0)
    const before = await this.#project.states()
    const status = (part: Part) => before.get(part.name)?.status
    await Promise.all(parts.filter(part => status(part) === 'paused').map(part => this.#project.resume(part.name)))
    const resting = parts.filter(part => status(part) !== 'running' && status(part) !== 'paused').map(part => part.name)
    await this.#project.start(resting, port => this.#movePort(port), signal)
    await this.#load.watch([...(await this.#project.states()).values()])
    for (const name of resting) this.records.known(name).starts += 1
    await this.records.save()
    await Promise.all(
      parts.map(async part => {
        await this.#waitReady(part, signal)
        onPart(part, 'ready', performance.now() - startedMs)
      }),
    )
  }

  /** Another port for the part that has this one. Throws PORT_TAKEN when ports are fixed. */
  async #movePort(port: number): Promise<void> {
    const { parts, fixedPorts } = this.records.state
    const [name, record] = Object.entries(parts).find(([, { ports }]) => Object.values(ports).includes(port)) ?? []
    if (name === undefined || record === undefined || fixedPorts)
      throw new LabError(
        'PORT_TAKEN',
        `port ${port}${name === undefined ? '' : ` of ${name}`} is taken on 127.0.0.1.\nSee who uses it: ss -ltnp 'sport = :${port}'`,
      )
    for (const [which, own] of Object.entries(record.ports)) if (own === port) delete record.ports[which]
    await this.#want(this.records.part(name))
  }

  async #waitReady(part: Part, signal: AbortSignal): Promise<void> {
    const { name } = part
    const looks = new Looks(() => this.#project.states())
    const trouble = await waitReady({
      missing: () => this.#missing(part, signal),
      ended: async () => {
        const { status, exitCode } = (await looks.latest()).get(name) ?? { status: 'gone', exitCode: 0 }
        const runs = status === 'running' || status === 'created' || status === 'paused'
        return runs ? undefined : { reason: `it is ${status}, exit code ${exitCode}`, portTaken: false }
      },
      lacking: () => lackingParts(this.records.state, this.plan, part, async other => condition((await looks.latest()).get(other)?.status)),
      signal,
      everyMs: 50,
    })
    if (trouble !== undefined)
      throw new LabError(
        'PART_NOT_READY',
        `${name} is not ready after ${(trouble.afterMs / 1_000).toFixed(1)} s: ${trouble.reason}\n${await this.logTail(name, LOG_LINES)}\nSee: npm run lab:logs ${name}${ofLab(this.records.state.name)}`,
      )
    if (part.kind === 'broker')
      await prepareBroker(this.context(name), this.records.known(name).starts > 1, text => this.rabbitmqctl(name, ['eval', text]))
    await KINDS[part.kind].prepare?.(this.context(name))
  }

  async #missing(part: Part, signal: AbortSignal): Promise<string[]> {
    const { missing } = KINDS[part.kind]
    const looked = missing === undefined ? this.#loopback(part.name).missing(signal) : missing(this.context(part.name), signal)
    return looked.catch((error: unknown) => [error instanceof Error ? error.message : String(error)])
  }

  #loopback(name: string): ContainerHttp {
    const known = this.#loopbacks.get(name) ?? new ContainerHttp(this.#project.container(name))
    this.#loopbacks.set(name, known)
    return known
  }
}

/** CPU of this process and its commands: compose takes half a second. Milliseconds. */
function withCommandsMs(): number {
  const self = processId(process.pid)
  return self === undefined ? 0 : cpuMs(treeOf(self))
}

function condition(status: string | undefined): Condition {
  if (status === undefined || status === 'created') return undefined
  return status === 'running' || status === 'paused' ? (status === 'paused' ? 'paused' : 'runs') : 'ended'
}
