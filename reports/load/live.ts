import type { LoadSecond, Phase, Tick } from '../../loadtest/index.ts'

/** One line a second while it measures, as PerfTest prints it. */
export class LiveLines {
  readonly #say: (line: string) => void
  readonly #threads: number
  #second = 0
  #ticks: Tick[] = []

  constructor(say: (line: string) => void, threads: number) {
    this.#say = say
    this.#threads = threads
  }

  /** Each thread tells once a second. */
  tick(tick: Tick): void {
    this.#ticks.push(tick)
    if (this.#ticks.length < this.#threads) return
    const ticks = this.#ticks
    this.#ticks = []
    this.#second += 1
    const sum = (key: 'offered' | 'stored' | 'delivered' | 'failed') => ticks.reduce((total, each) => total + each[key], 0)
    const latencies = ticks.flatMap(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
    const at = (share: number) => (latencies.length === 0 ? '-' : milliseconds(latencies[Math.ceil(share * latencies.length) - 1] ?? 0))
    const failed = sum('failed') > 0 ? `, failed ${sum('failed')}/s` : ''
    this.#say(
      `time ${this.#second}.0 s, sent ${sum('offered')}/s, stored ${sum('stored')}/s, seen ${sum('delivered')}/s${failed}, min/p50/p95/p99 ${at(0.0001)}/${at(0.5)}/${at(0.95)}/${at(0.99)} ms`,
    )
  }
}

const PHASES: Readonly<Record<Phase, (amount: number) => string>> = {
  alone: () => 'the machine alone, for its noise',
  connecting: () => 'connecting',
  probing: () => 'probing: every sender sends one and sees it arrive',
  'connecting-idle': connections => `connecting ${connections} that do nothing`,
  'warming-up': ms => `warming up for ${ms / 1_000} s`,
  measuring: ms => (ms === 0 ? 'measuring' : `measuring for ${ms / 1_000} s`),
  draining: () => 'draining: waiting until nothing is left to do',
  checking: () => 'checking',
}

/** What goes on now. */
export const phaseText = (phase: Phase, amount = 0) => `${PHASES[phase](amount)} …`

/** Three figures at most. */
export function milliseconds(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)
}

/** A second that another engine told. */
export function secondLine({ second, offered, stored, delivered, failed, latencyMs }: LoadSecond): string {
  const latency = latencyMs === null ? '-' : `${milliseconds(latencyMs.p50)}/${milliseconds(latencyMs.p99)}`
  return `time ${second + 1}.0 s, sent ${offered}/s, ${stored > 0 ? `stored ${stored}/s, ` : ''}seen ${delivered}/s${failed > 0 ? `, failed ${failed}/s` : ''}, p50/p99 ${latency} ms`
}
