import { setTimeout as pause } from 'node:timers/promises'
import { FOREIGN_CPU_MAX_PERCENT } from '#evidence/noise'
import { ForeignCpu, type Lab, ServerLoad } from '#lab'

/** A server's times need a quiet machine: wait for one, and measure loud ones again. */

/** How often, at most, something is measured for each time that it is wanted. */
const TRIES_EACH = 3
/** For how long others are waited for, all waits together. */
const PATIENCE_SECONDS = 600
const LOOK_MS = 1_000
/** Then a longer wait is explained. */
const TOLD_AFTER_LOOKS = 3

/** Begins to look; the end of the look tells what others used meanwhile, percent of the machine. */
export type Look = () => Promise<() => Promise<number>>

const loud = (percent: number) => percent > FOREIGN_CPU_MAX_PERCENT

/** A remote server is unknown: all counts as quiet. @param lab whose parts count as ours */
export function lookBeside(server: ServerLoad, lab?: Lab): Look {
  return async () => {
    if (!server.known) return async () => 0
    const foreign = await ForeignCpu.beside(lab, server)
    return () => foreign.percent()
  }
}

export class Quiet {
  readonly #look: Look
  readonly #lookMs: number
  readonly #say: (text: string) => void
  #looksLeft: number
  #measured = 0
  #loud: number[] = []

  constructor(look: Look, { patienceSeconds = PATIENCE_SECONDS, lookMs = LOOK_MS, say = (_: string): void => undefined } = {}) {
    this.#look = look
    this.#looksLeft = patienceSeconds
    this.#lookMs = lookMs
    this.#say = say
  }

  static async beside(url: string, say?: (text: string) => void): Promise<Quiet> {
    return new Quiet(lookBeside(await ServerLoad.of(url)), say === undefined ? {} : { say })
  }

  /** The quietest measurements, in order. Ends once enough were quiet. */
  async times<T>(wanted: number, signal: AbortSignal, work: () => Promise<T>): Promise<T[]> {
    const done: { result: T; percent: number; index: number }[] = []
    const quiet = () => done.filter(({ percent }) => !loud(percent)).length
    for (let index = 0; index < wanted * TRIES_EACH && quiet() < wanted; index += 1) {
      if (loud(done.at(-1)?.percent ?? 0)) await this.settled(signal)
      signal.throwIfAborted()
      const end = await this.#look()
      const result = await work()
      done.push({ result, percent: await end(), index })
    }
    const kept = done.toSorted((a, b) => a.percent - b.percent).slice(0, wanted)
    this.#measured += kept.length
    this.#loud.push(...kept.map(({ percent }) => percent).filter(loud))
    return kept.toSorted((a, b) => a.index - b.index).map(({ result }) => result)
  }

  /** Waits for a quiet second while patience lasts. @param look default: the measurements' */
  async settled(signal: AbortSignal, look = this.#look): Promise<void> {
    for (let looks = 0; this.#looksLeft > 0; this.#looksLeft -= 1) {
      const end = await look()
      await pause(this.#lookMs, undefined, { signal })
      const percent = await end()
      if (!loud(percent)) return
      looks += 1
      if (looks === TOLD_AFTER_LOOKS)
        this.#say(`others use ${Math.round(percent)} % of this machine: waiting for a quiet second, ${this.#looksLeft} s at most`)
    }
  }

  /** What is wrong with the figures, in words; undefined where nothing is. */
  get trouble(): string | undefined {
    const { length } = this.#loud
    if (length === 0) return undefined
    return `others used up to ${Math.max(...this.#loud).toFixed(0)} % of this machine in ${length} of ${this.#measured} measurements, each repeated: do not rely on them`
  }
}
