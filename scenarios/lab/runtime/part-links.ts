import { brokerUrls } from '#contracts/broker-urls'
import { brokersOf } from '../brokers.ts'
import { LabError } from '../errors.ts'
import { FaultLink } from '../link/fault-link.ts'
import type { Toxics } from '../link/toxics.ts'
import type { Addresses } from '../part-env.ts'
import type { LabState } from './state.ts'

/** Links between local parts, to cut off or slow down one. For private labs: they end with it. */
export class PartLinks {
  /** By part: what it talks to, by port. */
  readonly #links = new Map<string, Map<number, FaultLink>>()

  /** What the part will talk through to a port on loopback. */
  async to(part: string, port: number): Promise<FaultLink> {
    const links = this.#links.get(part) ?? new Map<number, FaultLink>()
    this.#links.set(part, links)
    const link = links.get(port) ?? (await FaultLink.open({ host: '127.0.0.1', port }))
    links.set(port, link)
    return link
  }

  /** To all that a service may talk to: the broker's nodes, the database, model servers. */
  async toAll(part: string, { parts, plan }: Pick<LabState, 'parts' | 'plan'>): Promise<void> {
    const brokers = brokersOf(plan).map(name => parts[name]?.ports['amqp'])
    const ports = [...brokers, parts['postgres']?.ports['sql'], ...plan.gpus.map(gpu => parts[gpu.name]?.ports['http'])]
    for (const port of ports) if (port !== undefined) await this.to(part, port)
  }

  /** The same addresses, through the links of a part. */
  through(part: string, addresses: Addresses): Addresses {
    const linked = (url: string) => {
      const link = this.#links.get(part)?.get(Number(new URL(url).port))
      return link === undefined ? url : url.replace(/(127\.0\.0\.1:)\d+/, `$1${link.port}`)
    }
    return {
      amqpUrl: role => brokerUrls(addresses.amqpUrl(role)).map(linked).join(','),
      databaseUrl: role => linked(addresses.databaseUrl(role)),
      gpuUrl: gpu => linked(addresses.gpuUrl(gpu)),
      labSecret: addresses.labSecret,
      brokerCa: addresses.brokerCa,
    }
  }

  async set(part: string, toxics: Toxics): Promise<boolean> {
    const links = [...(this.#links.get(part)?.values() ?? [])]
    await Promise.all(links.map(link => link.set(toxics)))
    return links.length > 0
  }

  /** Those of a part that will not run again. */
  async close(part: string): Promise<void> {
    for (const link of this.#links.get(part)?.values() ?? []) await link[Symbol.asyncDispose]()
    this.#links.delete(part)
  }

  async closeAll(): Promise<void> {
    for (const part of [...this.#links.keys()]) await this.close(part)
  }
}

/** Local processes share one loopback: only one that talks through links can be cut off. */
export function noLinks(name: string): LabError {
  return new LabError(
    'NOT_ON_NATIVE',
    `${name} cannot be cut off: local processes talk directly.\nUse containers: npm run lab:up -- --runtime compose; in a test: startLab(plan, { links: true })`,
  )
}
