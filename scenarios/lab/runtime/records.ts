import type { SettingsInput } from '#contracts/settings'
import { brokersOf } from '../brokers.ts'
import { LabError, ofLab } from '../errors.ts'
import { checkPlan, type LabPlan, type Part, partsOf, unknownPart } from '../plan.ts'
import type { PartContext } from './part-process.ts'
import { fixedPort, freePort } from './ports.ts'
import { type LabState, NEW_PART, type PartRecord, saveState } from './state.ts'

/** A lab's state: each change is written before it is acted upon. */
export class LabRecords {
  readonly folder: string
  readonly state: LabState
  #saving: Promise<void> = Promise.resolve()

  constructor(folder: string, state: LabState) {
    this.folder = folder
    this.state = state
  }

  get parts(): Part[] {
    return partsOf(this.state.plan)
  }

  /** Those that are ours. */
  get services(): Part[] {
    return this.parts.filter(part => part.kind !== 'broker' && part.kind !== 'database')
  }

  /** Of them those that were started at all. */
  get started(): Part[] {
    return this.services.filter(({ name }) => this.state.parts[name] !== undefined)
  }

  /** Throws UNKNOWN_PART. */
  part(name: string): Part {
    const part = this.parts.find(other => other.name === name)
    if (part === undefined)
      throw unknownPart(
        name,
        this.parts.map(other => other.name),
        this.state.name,
      )
    return part
  }

  /** Throws PART_NOT_READY for one that was never started. */
  known(name: string): PartRecord {
    const record = this.state.parts[this.part(name).name]
    if (record === undefined)
      throw new LabError('PART_NOT_READY', `${name} was never started.\nStart it: npm run lab:start ${name}${ofLab(this.state.name)}`)
    return record
  }

  /** Wanted to run, with a port chosen for each of these names. */
  async want(part: Part, ports: readonly string[]): Promise<PartRecord> {
    const record = this.state.parts[part.name] ?? { ...NEW_PART, processes: [], ports: {} }
    this.state.parts[part.name] = record
    record.wanted = 'running'
    for (const port of ports) {
      if (record.ports[port] !== undefined) continue
      const taken = new Set(Object.values(this.state.parts).flatMap(other => Object.values(other.ports)))
      record.ports[port] = this.state.fixedPorts ? await fixedPort(part.name, port, this.state.plan) : await freePort(taken)
    }
    await this.save()
    return record
  }

  async unwant(name: string): Promise<PartRecord> {
    const record = this.known(name)
    record.wanted = 'stopped'
    await this.save()
    return record
  }

  /** The next plan on the next space. Forgets all parts but broker and database. */
  async renew(plan: LabPlan, space: string): Promise<void> {
    for (const part of this.services) delete this.state.parts[part.name]
    this.state.space = space
    this.state.plan = plan
    await this.save()
  }

  /** Further settings of one part, for its next start. Throws BAD_SETTING. */
  async replan(part: string, settings: SettingsInput): Promise<void> {
    const { plan } = this.state
    const next = { ...plan, partSettings: { ...plan.partSettings, [part]: { ...plan.partSettings[part], ...settings } } }
    checkPlan(next)
    this.state.plan = next
    await this.save()
  }

  /** Throws NO_SPACE. */
  get nextSpace(): string {
    const { space, spaces } = this.state
    const next = spaces[spaces.indexOf(space) + 1]
    if (next === undefined)
      throw new LabError('NO_SPACE', `this lab was started for ${spaces.length} arms (option spaces), and one more was asked for`)
    return next
  }

  async up(): Promise<void> {
    this.state.phase = 'up'
    await this.save()
  }

  async keep(): Promise<void> {
    this.state.owner = undefined
    this.state.kept = true
    await this.save()
  }

  context(part: Part, addresses: PartContext['addresses']): PartContext {
    const { plan, mark, passwords, space, spaces } = this.state
    const { ports, processes } = this.known(part.name)
    const brokers = Object.fromEntries(brokersOf(plan).map(name => [name, this.state.parts[name]?.ports ?? {}]))
    return { part, plan, folder: this.folder, mark, ports, passwords, space, spaces, addresses, brokers, processes }
  }

  save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => saveState(this.folder, this.state))
    return this.#saving
  }
}
