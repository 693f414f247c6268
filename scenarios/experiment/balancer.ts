import type { Reply } from '../lab/real-model/ask-once.ts'

/** A least-busy balancer before model servers, as LLM gateways are, to compare a queue with. Counts
 *  what is in flight, as `least_conn` of nginx, least-busy of LiteLLM and least-connections of Olla
 *  do; none of them knows how long an answer will be. */

export interface BalancerOptions {
  /** Further servers that a request may try before its user sees an error. LiteLLM: 2. nginx tries
   *  another one for a POST only with `non_idempotent`. */
  retries: number
  /** Failures in a row after which a server is left alone; 0 = it never is. LiteLLM: 3. */
  failuresMax: number
  /** How long it is left alone. Milliseconds. nginx: 10 s, LiteLLM: a few. */
  cooldownMs: number
  /** Requests that a server may have at a time; further ones wait here. HAProxy: `maxconn`. */
  inFlightMax?: number
}

export interface Server<Q> {
  name: string
  ask(request: Q): Promise<Reply>
}

/** Result of a request, server by server. */
export interface Balanced {
  answered: boolean
  asked: { server: string; result: string }[]
}

interface Known<Q> extends Server<Q> {
  inFlight: number
  /** In a row. */
  failures: number
  coolUntilMs: number
  /** Which request it took last, to take turns. */
  turn: number
}

interface Waiting<Q> {
  tried: ReadonlySet<string>
  take(server: Known<Q>): void
}

export class Balancer<Q> {
  readonly #servers: Known<Q>[]
  readonly #options: BalancerOptions
  readonly #nowMs: () => number
  readonly #waiting: Waiting<Q>[] = []
  #turns = 0

  /** @param nowMs a clock that never goes back */
  constructor(servers: readonly Server<Q>[], options: BalancerOptions, nowMs: () => number) {
    this.#servers = servers.map(server => ({
      name: server.name,
      ask: request => server.ask(request),
      ...{ inFlight: 0, failures: 0, coolUntilMs: 0, turn: 0 },
    }))
    this.#options = options
    this.#nowMs = nowMs
  }

  /** Asks the least busy server. What it cannot begin goes to another one, `retries` times. */
  async ask(request: Q): Promise<Balanced> {
    const asked: Balanced['asked'] = []
    for (;;) {
      const server = await this.#take(new Set(asked.map(each => each.server)))
      const reply = await server.ask(request)
      this.#give(server, reply)
      const answered = reply === 'answered'
      asked.push({ server: server.name, result: answered ? reply : reply.failed })
      // An answer that the user sees in part cannot begin anew elsewhere.
      if (answered || reply.began || asked.length > this.#options.retries || asked.length === this.#servers.length)
        return { answered, asked }
    }
  }

  #take(tried: ReadonlySet<string>): Promise<Known<Q>> {
    return new Promise(take => {
      this.#waiting.push({ tried, take })
      this.#serve()
    })
  }

  #give(server: Known<Q>, reply: Reply): void {
    const { failuresMax, cooldownMs } = this.#options
    server.inFlight -= 1
    server.failures = reply === 'answered' ? 0 : server.failures + 1
    // Afterwards one more failure is enough.
    if (failuresMax > 0 && server.failures >= failuresMax) server.coolUntilMs = this.#nowMs() + cooldownMs
    this.#serve()
  }

  /** First come, first served, as far as there is room. */
  #serve(): void {
    for (let i = 0; i < this.#waiting.length; ) {
      const { tried, take } = this.#waiting[i]!
      const server = this.#leastBusy(tried)
      if (server === undefined) i += 1
      else {
        this.#waiting.splice(i, 1)
        server.inFlight += 1
        this.#turns += 1
        server.turn = this.#turns
        take(server)
      }
    }
  }

  /** Where all are left alone, the one that was so for longest: better than none. */
  #leastBusy(tried: ReadonlySet<string>): Known<Q> | undefined {
    const others = this.#servers.filter(({ name }) => !tried.has(name))
    const warm = others.filter(({ coolUntilMs }) => coolUntilMs <= this.#nowMs())
    const candidates = warm.length > 0 ? warm : others.toSorted((a, b) => a.coolUntilMs - b.coolUntilMs).slice(0, 1)
    const { inFlightMax = Number.POSITIVE_INFINITY } = this.#options
    const [best] = candidates.toSorted((a, b) => a.inFlight - b.inFlight || a.turn - b.turn)
    return best !== undefined && best.inFlight < inFlightMax ? best : undefined
  }
}
