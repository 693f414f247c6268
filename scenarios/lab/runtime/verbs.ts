import type { WorkerOrders } from '#contracts/http'
import type { FaultLink } from '../link/fault-link.ts'

/** What can be done to a part: once as a runtime does it, once as a lab offers it. */

/** An act on a part as seen: that it ran, and the result. undefined: no proof. */
export type Seen = string | undefined

export interface PartVerbs {
  /** Starts one part, resolves when it is ready. Nothing happens if it runs. */
  start(part: string, signal?: AbortSignal): Promise<void>
  /** SIGTERM, then a kill after a timeout; what was seen says which. */
  stop(part: string): Promise<Seen>
  /** Ends it at once (SIGKILL), with all that belongs to it. */
  kill(part: string): Promise<Seen>
  /** Freezes it (SIGSTOP): its connections stay open and silent. */
  pause(part: string): Promise<Seen>
  resume(part: string): Promise<Seen>
  /** Cuts it off: traffic vanishes. Throws NOT_ON_NATIVE for local processes without links. */
  partition(part: string): Promise<void>
  heal(part: string): Promise<void>
  /** What a command talks through to the broker. Throws NOT_ON_COMPOSE. */
  brokerLink(part: string): Promise<FaultLink>
}

export interface Orderable {
  /** Other settings for a worker, at once if it runs, and at each later start. */
  order(worker: string, orders: WorkerOrders): Promise<Seen>
}

/** Verbs by name or group; each resolves when done. @returns what was seen, by part */
export abstract class Verbs {
  readonly start = this.#act('start', 'ready')
  readonly stop = this.#act('stop')
  readonly kill = this.#act('kill')
  readonly pause = this.#act('pause')
  readonly resume = this.#act('resume')
  readonly partition = this.#act('partition', 'cut off')
  readonly heal = this.#act('heal', 'on its networks again')

  brokerLink(part: string): Promise<FaultLink> {
    return this.verbs().brokerLink(part)
  }

  /** @returns what the worker read back; undefined if it does not run */
  order(worker: string, orders: WorkerOrders): Promise<Seen> {
    return this.verbs().order(worker, orders)
  }

  protected abstract verbs(): PartVerbs & Orderable
  abstract names(...wanted: string[]): string[]

  /** @param byResolving what is seen where the verb has nothing to tell besides */
  #act(verb: Exclude<keyof PartVerbs, 'brokerLink'>, byResolving?: string) {
    return async (...parts: string[]): Promise<Map<string, Seen>> => {
      const act = async (part: string): Promise<Seen> => (await this.verbs()[verb](part)) ?? byResolving
      return new Map(await Promise.all(this.names(...parts).map(async part => [part, await act(part)] as const)))
    }
  }
}
