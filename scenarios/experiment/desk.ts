import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib'
import type { Lab } from '../lab/lab.ts'
import { until } from '../lab/until.ts'

/** What one try of a sentence works with: plain channels, and names that nobody else uses. */

const WITHIN_MS = 10_000

/** What was seen: figures by name, for the words of the page. */
export type Seen = Readonly<Record<string, number | string>>
/** Whether a sentence holds, and by what one sees it. */
export interface Outcome {
  holds: boolean
  seen: Seen
}
export type Try = (desk: Desk) => Promise<Outcome>

export class Desk implements AsyncDisposable {
  readonly #lab: Lab
  readonly #name: string
  readonly #signal: AbortSignal
  /** Stops the broker and starts it again. */
  readonly restartBroker: () => Promise<void>
  readonly #channels: ConfirmChannel[] = []
  #names = 0

  constructor(lab: Lab, name: string, signal: AbortSignal, restartBroker: () => Promise<void>) {
    this.#lab = lab
    this.#name = name
    this.#signal = signal
    this.restartBroker = restartBroker
  }

  /** A channel of its own. The broker confirms what is published on it. */
  async channel(): Promise<ConfirmChannel> {
    const channel = await this.#lab.confirmChannel()
    this.#channels.push(channel)
    return channel
  }

  /** Until the broker knows of no consumer: what one held is back in the queue then. */
  async abandoned(ch: ConfirmChannel, queue: string): Promise<void> {
    await this.until(
      'nobody consumes from it',
      async () => (await ch.checkQueue(queue)).consumerCount,
      count => count === 0,
    )
  }

  async exists(queue: string): Promise<boolean> {
    return (await this.#lab.queue(queue)) !== undefined
  }

  /** A fresh durable queue. */
  async queue(ch: ConfirmChannel, options: Options.AssertQueue = {}): Promise<string> {
    return (await ch.assertQueue(this.name('queue'), { durable: true, ...options })).queue
  }

  async exchange(ch: ConfirmChannel, type: 'topic' | 'fanout' | 'direct'): Promise<string> {
    return (await ch.assertExchange(this.name('exchange'), type)).exchange
  }

  name(of: string): string {
    this.#names += 1
    return `${this.#name}.${of}-${this.#names}`
  }

  /** Puts messages named 1, 2 … into a queue. @param publish options of each */
  fill(ch: ConfirmChannel, queue: string, count: number, options: Options.Publish = { persistent: true }): void {
    for (let i = 1; i <= count; i += 1) ch.sendToQueue(queue, Buffer.from(String(i)), options)
  }

  /** Consumes from now on; the list grows. */
  async consume(ch: ConfirmChannel, queue: string, options: Options.Consume = {}): Promise<ConsumeMessage[]> {
    const got: ConsumeMessage[] = []
    await ch.consume(queue, message => message !== null && got.push(message), options)
    return got
  }

  /** Until a list that grows holds exactly this number. */
  async has(got: readonly unknown[], count: number): Promise<void> {
    await this.until(
      `${count} have come`,
      () => got.length,
      length => length === count,
    )
  }

  /** Ready messages, once all that this channel published is there. A count overtakes messages, so
   *  it follows the confirms; what was delivered by then comes before the second answer. */
  async ready(ch: ConfirmChannel, queue: string): Promise<number> {
    await ch.waitForConfirms()
    const { messageCount } = await ch.checkQueue(queue)
    await ch.checkQueue(queue)
    return messageCount
  }

  until<T>(what: string, look: () => T | Promise<T>, is: (seen: T) => boolean): Promise<T> {
    return until(what, look, { is, withinMs: WITHIN_MS, everyMs: 5, signal: this.#signal })
  }

  /** Asks the model server as Ollama is asked. @returns tokens of the answer */
  async ask(body: object): Promise<number> {
    const response = await fetch(new URL('/api/chat', this.#lab.url('gpu-fast')), { method: 'POST', body: JSON.stringify(body) })
    const answer = (await response.json()) as { eval_count?: number }
    return answer.eval_count ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The broker may have closed one; that is what some sentences are about.
    await Promise.all(this.#channels.map(channel => channel.close().catch(() => undefined)))
  }
}
