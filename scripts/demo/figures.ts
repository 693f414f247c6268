import { idealSchedule, type ModelTask, type Schedule, strandedPercent, type Waits, waitsOf } from '#predictor'
import type { Arm } from './state.ts'
import { type Ink, plainInk, spoken, styleOfWait, visibleLength } from './text.ts'

/** An hour in figures, and its last lines. Pure. */

export interface Figures {
  /** From asking to the start of the answer; whoever still waits at the end of the hour counts with what she has waited by then. */
  waitMs: Waits
  /** The same questions, first come first served without any hand-over, GPUs never idle while somebody waits. */
  idealWaitMs: Waits
  /** Of what both GPUs could have done, percent: idle while somebody waited. */
  strandedPercent: number
}

/** The figures of an arm, predicted or measured, up to the end of the hour. @param tasks the same tasks in the same order, with their times on each GPU */
export function figuresOf(arm: Arm, tasks: readonly ModelTask[], hourMs: number): Figures {
  const workers = arm.gpus.map(name => ({ name, prefetchTasks: 1 }))
  const schedule = arm.tasks.map((task, index) => {
    const startedMs = task.startedAtMs ?? hourMs
    return {
      task: tasks[index]?.id ?? '',
      // Whoever was never answered was stranded on neither GPU more than on the other.
      worker: arm.gpus[task.gpu ?? 0] ?? '',
      publishedMs: task.arrivedAtMs,
      sentMs: task.deliveredAtMs ?? startedMs,
      deliveredMs: task.deliveredAtMs ?? startedMs,
      startedMs,
      endedMs: task.endedAtMs ?? hourMs,
    }
  })
  const upToNow = cut(schedule, hourMs)
  const { hoarding, roundTrip } = strandedPercent(upToNow, tasks.slice(0, schedule.length), workers)
  const asked = tasks.slice(0, schedule.length).map((task, index) => ({ ...task, publishedMs: upToNow[index]?.publishedMs ?? 0 }))
  return {
    waitMs: waitsOf(upToNow),
    idealWaitMs: waitsOf(cut(idealSchedule(asked, workers), hourMs)),
    strandedPercent: hoarding + roundTrip,
  }
}

/** Nothing happens after the end; and nothing before its cause, whatever two clocks said. */
function cut(schedule: Schedule, hourMs: number): Schedule {
  return schedule.map(placement => {
    let lastMs = Number.NEGATIVE_INFINITY
    const times = [placement.publishedMs, placement.sentMs, placement.deliveredMs, placement.startedMs, placement.endedMs]
    const [publishedMs = 0, sentMs = 0, deliveredMs = 0, startedMs = 0, endedMs = 0] = times.map(atMs => {
      lastMs = Math.max(lastMs, Math.min(atMs, hourMs))
      return lastMs
    })
    return { ...placement, publishedMs, sentMs, deliveredMs, startedMs, endedMs }
  })
}

const TABLE_COLUMNS = 50

export interface LastLines {
  /** The prediction, when the figures were measured. */
  beside?: readonly [Figures, Figures] | undefined
  /** Nothing follows from the figures: what contradicts, and what to type instead. */
  unknown?: { because: string; command: string } | undefined
  /** Default: none. */
  ink?: Ink
  /** Default 80. */
  columns?: number
}

/** What the hour comes to: a heading and three lines within 80 columns, or four; without their remarks where there are fewer, and no table in a corner. */
export function lastLines(
  titles: readonly string[],
  figures: readonly [Figures, Figures],
  { beside, unknown, ink = plainInk, columns = 80 }: LastLines = {},
): string[] {
  const row = (name: string, cells: readonly string[], remark: string) => {
    if (columns < TABLE_COLUMNS) return `${name === '' ? '' : `${name}: `}${cells.join(', ')}`
    const told = remark === '' || columns < 80 ? '' : `   ${remark}`
    return name.padEnd(18) + cells.map(cell => ' '.repeat(14 - visibleLength(cell)) + cell).join('') + told
  }
  const percent = ({ strandedPercent: stranded }: Figures) => `${stranded.toFixed(0)} %`
  const p95 = ({ waitMs }: Figures) => spoken(waitMs.p95)
  const remark = (unmeasured: string, cell: (figures: Figures) => string) =>
    beside === undefined ? unmeasured : `predicted ${beside.map(cell).join(' and ')}`
  const waits = figures.map(one => ink(['bold', styleOfWait(one.waitMs.p95)], p95(one)))
  return [
    row('', titles, ''),
    row('p95 wait', waits, remark(`best possible ${spoken(figures[1].idealWaitMs.p95)}`, p95)),
    row('stranded capacity', figures.map(percent), remark('idle while people waited', percent)),
    ...conclusion(unknown, ink, columns),
  ]
}

function conclusion(unknown: LastLines['unknown'], ink: Ink, columns: number): string[] {
  if (unknown !== undefined)
    return [`No conclusion: ${unknown.because}.`, `This machine was too slow for the hour: ${ink('bold', unknown.command)}`]
  return [`${columns < TABLE_COLUMNS ? 'fix: ' : 'the fix, one line'.padEnd(24)}${ink(['bold', 'fresh'], 'await channel.prefetch(1)')}`]
}
