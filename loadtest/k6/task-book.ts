import type { Tally } from './tally.ts'

/** Which prompt a task belongs to. An answer may precede its `stored` frame and wait here. Pure. */
export class TaskBook {
  readonly #tally: Tally
  readonly #prompts = new Map<string, string>()
  readonly #early = new Map<string, ((prompt: string) => void)[]>()

  constructor(tally: Tally) {
    this.#tally = tally
  }

  stored(prompt: string, task: string | undefined, nowMs: number): void {
    this.#tally.stored(prompt, nowMs)
    if (task === undefined) return
    this.#prompts.set(task, prompt)
    for (const tell of this.#early.get(task) ?? []) tell(prompt)
    this.#early.delete(task)
  }

  begun(task: string, nowMs: number): void {
    this.#of(task, prompt => this.#tally.begun(prompt, nowMs))
  }

  /** @param well false = the apology */
  answered(task: string, nowMs: number, well: boolean): void {
    this.#of(task, prompt => {
      // Without partials the answer is its own beginning.
      if (well) this.#tally.begun(prompt, nowMs)
      this.#tally.shown(prompt, nowMs, well)
    })
  }

  #of(task: string, tell: (prompt: string) => void): void {
    const prompt = this.#prompts.get(task)
    if (prompt !== undefined) tell(prompt)
    else this.#early.set(task, [...(this.#early.get(task) ?? []), tell])
  }
}
