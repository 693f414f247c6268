import type { GpuFault } from './acts.ts'
import type { StoryName } from './story-names.ts'

/** What the console sends to its pages, a JSON document a line. Pure.
 *
 *  A frame holds what changed; the first one on a connection holds everything. Times are
 *  milliseconds of GPU time since the console began: those of the clock, times the time scale. */

/** One question: number, arrived, delivered to a worker, started, ended, index of its GPU, and 1
 *  where it is over without an answer of a GPU. null = not yet. */
export type TaskRow = [
  n: number,
  arrivedAtMs: number,
  deliveredAtMs: number | null,
  startedAtMs: number | null,
  endedAtMs: number | null,
  gpu: number | null,
  over: 0 | 1,
]

export interface LabFrame {
  name: string
  runtime: string
  timeScale: number
  nodes: string[]
  robot: string
  /** In the order of their GPUs in `TaskRow`. */
  workers: { name: string; gpu: string; card: string; simulated: boolean }[]
  /** Most that the crowd may ask. Per second of GPU time. */
  crowdMaxPerSecond: number
  /** What the GPUs answer together, one at a time each. The same unit; null if unknown. */
  capacityPerSecond: number | null
}

export interface WorkerFrame {
  name: string
  /** 0 = unlimited. */
  prefetch: number
  slots: number
  /** Unacknowledged, and of these being inferred; null: it does not answer. */
  held: number | null
  running: number | null
  consuming: boolean
}

export interface PartFrame {
  name: string
  kind: string
  state: string
}

export interface ChatFrame {
  who: string
  /** In use, or used last; empty: never online. */
  node: string
  online: boolean
  lines: { id: string; sender: string; to: string; text: string; task?: string }[]
  /** Questions without an answer, with as much of an answer as there is. */
  open: { task: string; text: string; ahead: number | null; workersOnline: number | null }[]
}

export interface StoryFrame {
  name: StoryName
  /** `setting`: the scene is being set; `clicked`: it was, its effect is to be seen. */
  step: 'setting' | 'ready' | 'clicked'
}

export interface LogEntry {
  n: number
  /** ISO 8601. */
  at: string
  code: string
  values: Record<string, string | number | null>
}

export interface Frame {
  /** Everything stands in this one; what was known before is void. */
  whole?: true
  atMs: number
  lab?: LabFrame
  /** The lab cannot be reached, or is going. */
  down?: boolean
  tasks?: TaskRow[]
  /** Rows that a page may forget: all with a lower number. */
  forgetBelow?: number
  /** Ready messages of the work queues and dead letters. null: the broker is silent. */
  queues?: { ready: number | null; dead: number | null }
  workers?: WorkerFrame[]
  parts?: PartFrame[]
  faults?: Record<string, GpuFault>
  chat?: ChatFrame[]
  story?: StoryFrame | null
  crowd?: { perSecond: number; refused: number }
  log?: LogEntry[]
  /** How often each step of a message's way was taken since the last frame: `in:im-a` … */
  flow?: Record<string, number>
}
