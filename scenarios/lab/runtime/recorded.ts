import { WorkerOrders } from '#contracts/http'
import type { BrokerRole } from '#contracts/topology'
import { brokersOf } from '../brokers.ts'
import type { LabPlan, Part, PartKind } from '../plan.ts'
import { ownAddress } from './own-broker.ts'
import type { PartContext, PartProcess } from './part-process.ts'
import { databaseUrl } from './postgres.ts'
import { amqpUrl } from './rabbitmq.ts'
import type { LabRecords } from './records.ts'
import type { PartRequest } from './types.ts'
import type { Seen } from './verbs.ts'

const ORDERED_WITHIN_MS = 10_000

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

  get space(): string {
    return this.records.state.space
  }

  brokerOf(node: string): string | undefined {
    return brokersOf(this.plan).find(name => this.erlangName(name) === node)
  }

  /** Of a node of the broker. */
  protected abstract erlangName(broker: string): string

  get parts(): Part[] {
    return this.records.parts
  }

  urls(name: string): Record<string, string> {
    const external = this.plan.gpus.find(gpu => gpu.name === name)?.url
    if (external !== undefined) return { http: external }
    const { kind } = this.records.part(name)
    // It may not have been started yet, and has no address that we know.
    if (kind === 'command') return {}
    const { space, passwords } = this.records.state
    return this.#kinds[kind].urls(this.records.known(name).ports, space, passwords)
  }

  amqpUrl(role: BrokerRole): string {
    const own = ownAddress(this.records.state)
    if (own !== undefined) return own
    return brokersOf(this.plan)
      .map(name => amqpUrl(this.context(name), role))
      .join(',')
  }

  get brokerCa(): string | undefined {
    return this.plan.ownBroker?.ca
  }

  databaseUrl(role: 'im' | 'worker' | 'lab'): string {
    return databaseUrl(this.context('postgres'), role === 'lab' ? 'owner' : role)
  }

  abstract request(part: string, path: string, init: PartRequest): Promise<Response>

  async order(worker: string, orders: WorkerOrders): Promise<Seen> {
    if (this.records.part(worker).kind !== 'worker') throw new Error(`${worker} is not a worker`)
    await this.records.replan(worker, orders)
    const init = { method: 'PUT', body: JSON.stringify(orders), signal: AbortSignal.timeout(ORDERED_WITHIN_MS) }
    const response = await this.request(worker, '/orders', init).catch(() => undefined)
    return response?.ok === true ? JSON.stringify(WorkerOrders.parse(await response.json())) : undefined
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
