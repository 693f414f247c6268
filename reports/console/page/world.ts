import type { Frame, LogEntry, TaskRow } from '../../../scenarios/console/frames.ts'
import type { Arm, Sample } from '../../../scenarios/experiment/hour/state.ts'

/** What the page knows of the lab, frame by frame. */

/** How much time the picture shows. Milliseconds of the clock. */
const WINDOW_MS = 120_000

type Known = Omit<Frame, 'whole' | 'atMs' | 'tasks' | 'forgetBelow' | 'log' | 'flow'>

export class World {
  known: Known = {}
  atMs = 0
  log: LogEntry[] = []
  readonly #tasks = new Map<number, TaskRow>()
  #samples: (Sample & { gpus: number })[] = []

  apply(frame: Frame): void {
    const { whole, atMs, tasks = [], forgetBelow = 0, log = [], flow: _, ...sections } = frame
    if (whole === true) {
      this.#tasks.clear()
      this.#samples = []
      this.log = []
      this.known = {}
    }
    this.atMs = atMs
    Object.assign(this.known, sections)
    for (const row of tasks) this.#tasks.set(row[0], row)
    for (const n of this.#tasks.keys()) {
      if (n >= forgetBelow) break
      this.#tasks.delete(n)
    }
    this.log = [...this.log, ...log.filter(({ n }) => n > (this.log.at(-1)?.n ?? 0))]
    this.#sample()
  }

  get windowMs(): number {
    return WINDOW_MS * (this.known.lab?.timeScale ?? 1)
  }

  /** The lab as an arm whose hour is the window: it ends now. */
  arm(): Arm & { numbers: number[] } {
    const { lab, workers = [] } = this.known
    const fromMs = this.atMs - this.windowMs
    const of = (ms: number | null) => (ms === null ? undefined : ms - fromMs)
    const rows = this.#tasks
      .values()
      .filter(row => row[6] === 0 && (row[4] ?? this.atMs) >= fromMs)
      .toArray()
    rows.sort((a, b) => a[1] - b[1])
    return {
      title: '',
      gpus: (lab?.workers ?? []).map(({ gpu, card }, w) => `${gpu} · ${card} · prefetch ${prefetchText(workers[w]?.prefetch)}`),
      tasks: rows.map(row => ({
        arrivedAtMs: row[1] - fromMs,
        deliveredAtMs: of(row[2]),
        startedAtMs: of(row[3]),
        endedAtMs: of(row[4]),
        gpu: row[5] ?? undefined,
      })),
      samples: this.#samples.map(sample => ({ ...sample, atMs: sample.atMs - fromMs })),
      numbers: rows.map(row => row[0]),
    }
  }

  /** Counts are those of the lab itself, look by look. */
  #sample(): void {
    const { queues, workers } = this.known
    if (queues?.ready === null || queues?.ready === undefined || workers === undefined) return
    const holds = workers.map(({ held, running }) => Math.max(0, (held ?? 0) - (running ?? 0)))
    this.#samples.push({ atMs: this.atMs, ready: queues.ready, holds, gpus: workers.length })
    const first = this.#samples.findIndex(({ atMs }) => atMs >= this.atMs - this.windowMs)
    if (first > 50) this.#samples = this.#samples.slice(first)
  }
}

const prefetchText = (prefetch: number | undefined) => (prefetch === undefined ? '?' : prefetch === 0 ? '∞' : String(prefetch))
