import { type Eye, pendingLine } from './lines.ts'

const SHOWN_MAX = 3

/** Messages typed here stay live until they take their place. Pure but for promises. */
export class Outgoing {
  readonly #here = new Set<string>()
  readonly #pending = new Map<string, { to: string; body: string }>()
  readonly #whenEmpty: (() => void)[] = []

  add(clientMessageId: string, to: string, body: string): void {
    this.#here.add(clientMessageId)
    this.#pending.set(clientMessageId, { to, body })
  }

  /** Shown as a message, or told why it never will be. */
  done(clientMessageId: string): void {
    this.#pending.delete(clientMessageId)
    if (this.#pending.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  /** Was it typed in this terminal, and not on another device? */
  isHere(clientMessageId: string): boolean {
    return this.#here.has(clientMessageId)
  }

  isPending(clientMessageId: string): boolean {
    return this.#pending.has(clientMessageId)
  }

  get size(): number {
    return this.#pending.size
  }

  /** Resolves once nothing is on its way, after `withinMs` at the latest. */
  async empty(withinMs: number): Promise<void> {
    if (this.#pending.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenEmpty.push(resolve)
    const timer = setTimeout(resolve, withinMs)
    await promise
    clearTimeout(timer)
  }

  lines(eye: Eye): string[] {
    const all = [...this.#pending.values()]
    const lines = all.slice(0, SHOWN_MAX).map(({ to, body }) => pendingLine(to, body, eye))
    if (all.length > SHOWN_MAX) lines.push(eye.style.faint(`…     and ${all.length - SHOWN_MAX} more`))
    return lines
  }
}
