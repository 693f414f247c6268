/** Rising counters that may restart at zero; lost ones keep their last value. */
export class Counters {
  readonly #last = new Map<string, number>()
  #before = 0

  /** One that shows less than before has started again. */
  saw(name: string, value: number): void {
    const last = this.#last.get(name) ?? 0
    if (value < last) this.#before += last
    this.#last.set(name, value)
  }

  /** Over all, start after start. */
  get sum(): number {
    return [...this.#last.values()].reduce((sum, value) => sum + value, this.#before)
  }
}
