import type { BrokerRole } from '#contracts/topology'
import { amqpAddress } from '../own-broker/address.ts'
import type { LabPlan, Part, PartKind } from '../plan.ts'
import { accessOf, virtualHostOf } from './own-broker.ts'
import type { PartContext, PartProcess } from './part-process.ts'
import { databaseUrl } from './postgres.ts'
import { amqpUrl } from './rabbitmq.ts'
import type { LabRecords } from './records.ts'

/** What every runtime answers out of the lab's records alone, whatever runs its parts. */
export abstract class RecordedRuntime {
  protected readonly records: LabRecords
  readonly #kinds: Record<PartKind, Pick<PartProcess, 'urls'>>

  constructor(records: LabRecords, kinds: Record<PartKind, Pick<PartProcess, 'urls'>>) {
    this.records = records
    this.#kinds = kinds
  }

  get plan(): LabPlan {
    return this.records.state.plan
  }

  get parts(): Part[] {
    return this.records.parts
  }

  urls(name: string): Record<string, string> {
    const external = this.plan.gpus.find(gpu => gpu.name === name)?.url
    if (external !== undefined) return { http: external }
    const { kind } = this.records.part(name)
    // It may not have been started yet, and has no address that we know.
    if (kind === 'command') return {}
    return this.#kinds[kind].urls(this.records.known(name).ports, this.records.state.space)
  }

  amqpUrl(role: BrokerRole): string {
    const { state } = this.records
    const own = accessOf(state)
    return own === undefined ? amqpUrl(this.context('rabbitmq'), role) : amqpAddress(own, virtualHostOf(state, state.space))
  }

  get brokerCa(): string | undefined {
    return this.plan.ownBroker?.ca
  }

  databaseUrl(role: 'im' | 'worker' | 'lab'): string {
    return databaseUrl(this.context('postgres'), role === 'lab' ? 'owner' : role)
  }

  keep(): Promise<void> {
    return this.records.keep()
  }

  /** Seen from this machine. */
  protected context(name: string): PartContext {
    return this.records.context(this.records.part(name), {
      amqpUrl: role => this.amqpUrl(role),
      databaseUrl: role => this.databaseUrl(role),
      gpuUrl: gpu => this.urls(gpu)['http'] ?? '',
      labSecret: this.records.state.secret,
      brokerCa: this.brokerCa,
    })
  }
}
