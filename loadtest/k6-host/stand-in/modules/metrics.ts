import { type Metric, metrics } from '../registry.ts'

class Recorded {
  readonly #metric: Metric

  constructor(name: string, type: Metric['type']) {
    // In k6 a metric without samples is in no summary.
    this.#metric = metrics.get(name) ?? { type, values: [] }
    this.#name = name
  }

  readonly #name: string

  add(value: number): void {
    if (!metrics.has(this.#name)) metrics.set(this.#name, this.#metric)
    metrics.get(this.#name)?.values.push(value)
  }
}

export class Counter extends Recorded {
  constructor(name: string) {
    super(name, 'counter')
  }
}

export class Trend extends Recorded {
  constructor(name: string) {
    super(name, 'trend')
  }
}
