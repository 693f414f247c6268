import { hostNowMs } from '#lab'
import { Recorder } from '../../scenarios/experiment/recorder.ts'
import type { SentRecord, Tick } from './messages.ts'

/** A thread's records: events for the checks, one record per message for the figures. */
export class Journal extends Recorder {
  readonly sends: SentRecord[] = []
  #tick: Tick = emptyTick()
  /** From this process's cheap clock to the history's: both count the same time. */
  readonly #offsetMs = hostNowMs() - performance.now() - this.zeroMs
  /** On their way, by client message id. */
  readonly #bySend = new Map<string, SentRecord>()
  readonly #byTask = new Map<string, SentRecord>()
  /** Pieces and answers that came before the `stored` of their prompt. */
  readonly #early = new Map<string, { firstMs?: number; seenMs?: number; answered?: boolean; tokens?: number }>()
  readonly #ends = new Map<SentRecord, () => void>()

  /** `nowMs` for what happens several times a message. */
  wireNowMs(): number {
    return performance.now() + this.#offsetMs
  }

  /** @returns when */
  sent(clientMessageId: string, record: SentRecord): number {
    this.sends.push(record)
    if (record.kind === 'chat') this.#bySend.set(clientMessageId, record)
    if (record.measured) this.#tick.offered += 1
    return this.nowMs()
  }

  /** Resolves when it has arrived where it was to, or failed. */
  end(record: SentRecord): Promise<void> {
    if (record.seenMs !== undefined || record.failed !== undefined) return Promise.resolve()
    return new Promise(resolve => this.#ends.set(record, resolve))
  }

  stored(record: SentRecord, task: string | undefined): void {
    record.storedMs = this.nowMs()
    if (record.measured) this.#tick.stored += 1
    if (task === undefined) return
    const early = this.#early.get(task)
    this.#early.delete(task)
    this.#byTask.set(task, record)
    if (early?.firstMs !== undefined) record.firstMs = early.firstMs
    if (early?.seenMs !== undefined) this.#arrived(record, early.seenMs, early.answered === true, early.tokens)
  }

  failed(record: SentRecord, code: string): void {
    if (record.failed !== undefined || record.seenMs !== undefined) return
    record.failed = code
    if (record.measured) this.#tick.failed += 1
    this.#ended(record)
  }

  /** A recipient showed it. */
  seen(clientMessageId: string): void {
    const record = this.#bySend.get(clientMessageId)
    if (record === undefined) return
    this.#bySend.delete(clientMessageId)
    this.#arrived(record, this.nowMs(), true)
  }

  /** A piece of an answer was shown. */
  piece(task: string): void {
    const record = this.#byTask.get(task)
    if (record !== undefined) record.firstMs ??= this.nowMs()
    else this.#early.set(task, { firstMs: this.nowMs(), ...this.#early.get(task) })
  }

  /** @param oldest the asker's oldest open prompt, if no task was named */
  answered(task: string, oldest: SentRecord | undefined, answered: boolean, tokens: number): void {
    const record = this.#byTask.get(task) ?? (oldest?.storedMs === undefined ? undefined : oldest)
    if (record !== undefined) this.#arrived(record, this.nowMs(), answered, tokens)
    else this.#early.set(task, { ...this.#early.get(task), seenMs: this.nowMs(), answered, tokens })
  }

  #arrived(record: SentRecord, atMs: number, answered: boolean, tokens?: number): void {
    if (record.seenMs !== undefined) return
    if (!answered) {
      this.failed(record, 'apology')
      return
    }
    record.seenMs = atMs
    if (record.kind === 'bot') record.firstMs ??= atMs
    if (tokens !== undefined) record.answerTokens = tokens
    if (record.measured) {
      this.#tick.delivered += 1
      this.#tick.latencyMs.push(atMs - record.dueMs)
    }
    this.#ended(record)
  }

  #ended(record: SentRecord): void {
    this.#ends.get(record)?.()
    this.#ends.delete(record)
  }

  tick(): Tick {
    const tick = this.#tick
    this.#tick = emptyTick()
    return tick
  }
}

function emptyTick(): Tick {
  return { offered: 0, stored: 0, delivered: 0, failed: 0, latencyMs: [] }
}
