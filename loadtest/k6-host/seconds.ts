import type { LoadSecond } from '#evidence/load-document'
import { latencyOfSecond } from '../engine/figures.ts'
import type { SecondPart } from '../k6/report.ts'

/** The VUs' shares of each second, told when the last share is there. Pure. */
export class Seconds {
  readonly #vus: number
  readonly #onSecond: (second: LoadSecond) => void
  readonly #parts = new Map<number, SecondPart[]>()

  constructor(vus: number, onSecond: (second: LoadSecond) => void) {
    this.#vus = vus
    this.#onSecond = onSecond
  }

  add(part: SecondPart): void {
    const parts = [...(this.#parts.get(part.second) ?? []), part]
    this.#parts.set(part.second, parts)
    if (parts.length === this.#vus) this.#onSecond(whole(part.second, parts))
  }

  /** All of them, in order; the last ones may lack VUs that were done earlier. */
  all(): LoadSecond[] {
    return [...this.#parts].sort(([a], [b]) => a - b).map(([second, parts]) => whole(second, parts))
  }
}

function whole(second: number, parts: readonly SecondPart[]): LoadSecond {
  const sum = (key: 'offered' | 'stored' | 'delivered' | 'failed') => parts.reduce((total, part) => total + part[key], 0)
  return {
    second,
    offered: sum('offered'),
    stored: sum('stored'),
    delivered: sum('delivered'),
    failed: sum('failed'),
    latencyMs: latencyOfSecond(parts.flatMap(part => part.latenciesMs)),
  }
}
