import { FOREIGN_CPU_MAX_PERCENT } from '#checks/verdict'
import { ForeignCpu, ServerLoad } from '#lab'

/** Times of a model server are its own only while nobody else uses its machine. What is measured while somebody does is measured again. */

/** How often, at most, something is measured for each time that it is wanted. */
const TRIES_EACH = 3

/** Begins to look; the end of the look tells what others used meanwhile, percent of the machine. */
export type Look = () => Promise<() => Promise<number>>

export class Quiet {
  readonly #look: Look
  #measured = 0
  #loud: number[] = []

  constructor(look: Look) {
    this.#look = look
  }

  /** Of a server elsewhere nobody here can tell who else works there: then all is taken for quiet. */
  static async beside(url: string): Promise<Quiet> {
    const load = await ServerLoad.of(url)
    return new Quiet(async () => {
      if (!load.known) return async () => 0
      const foreign = await ForeignCpu.beside(undefined, load)
      return () => foreign.percent()
    })
  }

  /** The quietest of all that was measured, so many times, in the order in which it was. Ends as soon as enough were quiet. */
  async times<T>(wanted: number, signal: AbortSignal, work: () => Promise<T>): Promise<T[]> {
    const done: { result: T; percent: number; index: number }[] = []
    const quiet = () => done.filter(({ percent }) => percent <= FOREIGN_CPU_MAX_PERCENT).length
    for (let index = 0; index < wanted * TRIES_EACH && quiet() < wanted; index += 1) {
      signal.throwIfAborted()
      const end = await this.#look()
      const result = await work()
      done.push({ result, percent: await end(), index })
    }
    const kept = done.toSorted((a, b) => a.percent - b.percent).slice(0, wanted)
    this.#measured += kept.length
    this.#loud.push(...kept.filter(({ percent }) => percent > FOREIGN_CPU_MAX_PERCENT).map(({ percent }) => percent))
    return kept.toSorted((a, b) => a.index - b.index).map(({ result }) => result)
  }

  /** What is wrong with the figures, in words; undefined where nothing is. */
  get trouble(): string | undefined {
    const { length } = this.#loud
    if (length === 0) return undefined
    return `others used up to ${Math.max(...this.#loud).toFixed(0)} % of this machine in ${length} of ${this.#measured} measurements, each repeated: do not rely on them`
  }
}
