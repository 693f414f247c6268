import { type EventOf, eventsOf, type History } from '#evidence/history'
import type { Asked, Window } from './asked.ts'
import { gapsBetween, joined, overlap } from './spans.ts'
import { spansAbove, waitingSteps } from './steps.ts'

/** What each GPU did over time: a lane for each slot of each GPU. Pure. */

export interface Bar extends Window {
  /** How long its asker had waited by then, since asking. */
  waitMs: number
  user: string
  /** `lost`: the inference failed or was cut, and its asker waits on. */
  outcome: 'done' | 'lost'
  /** Inferences in it: more than one where they were too thin to be drawn. */
  inferences: number
}

export interface Lane {
  name: string
  worker: string
  bars: Bar[]
  /** Idle, though somebody waited. */
  stranded: Window[]
  /** Its worker or GPU was stopped. */
  off: Window[]
}

export function lanesOf(history: History, asked: readonly Asked[], window: Window): Lane[] {
  const askedBy = new Map(asked.map(each => [each.task, each]))
  const waiting = spansAbove(waitingSteps(asked), window)
  const runs = eventsOf(history, 'inference').filter(run => beganMs(run) >= window.fromMs && (run.startedAtMs !== undefined || isLost(run)))
  const gpuOf = new Map(eventsOf(history, 'inference').map(run => [run.worker, run.gpu ?? run.worker]))
  // Workers that never worked have a lane too: that is what one wants to see.
  const workers = [...new Set([...history.workers.map(({ name }) => name), ...[...gpuOf.keys()].sort()])]
  return workers.flatMap(worker => {
    const gpu = gpuOf.get(worker) ?? worker.replace(/^worker-/, 'gpu-')
    const off = offSpans(history, [worker, gpu], window)
    const own = runs.filter(run => run.worker === worker).sort((a, b) => beganMs(a) - beganMs(b))
    const slots = bySlot(own, history.workers.find(({ name }) => name === worker)?.slots ?? 1, window)
    return slots.map((inSlot, slot): Lane => {
      const bars = inSlot.map(run => barOf(run, askedBy.get(run.task), window))
      return {
        name: slots.length === 1 ? gpu : `${gpu}, slot ${slot + 1}`,
        worker,
        bars,
        stranded: overlap(gapsBetween(joined([...bars, ...off]), window), waiting),
        off,
      }
    })
  })
}

type Run = EventOf<'inference'>

/** A request that was refused never began: it stands where it came. */
const beganMs = (run: Run) => run.startedAtMs ?? run.atMs
const isLost = ({ outcome }: Run) => outcome === 'failed' || outcome === 'aborted'
const endOf = (run: Run, { toMs }: Window) => run.endedAtMs ?? (run.startedAtMs === undefined ? run.atMs : toMs)

function barOf(run: Run, asked: Asked | undefined, window: Window): Bar {
  const fromMs = beganMs(run)
  return {
    fromMs,
    toMs: endOf(run, window),
    waitMs: fromMs - (asked?.askedMs ?? fromMs),
    user: asked?.user ?? '',
    outcome: isLost(run) ? 'lost' : 'done',
    inferences: 1,
  }
}

/** Each inference in the first free slot; more slots than planned if they do not fit. */
function bySlot(runs: readonly Run[], slots: number, window: Window): Run[][] {
  const lanes: Run[][] = Array.from({ length: Math.max(1, slots) }, () => [])
  for (const run of runs) {
    const free = lanes.find(lane => lane.length === 0 || endOf(lane.at(-1)!, window) <= beganMs(run) + OVERLAP_MS)
    if (free === undefined) lanes.push([run])
    else free.push(run)
  }
  return lanes
}

/** An end and the next start are recorded at slightly different instants. Milliseconds. */
const OVERLAP_MS = 1

const ENDS = ['stop', 'kill', 'pause']
const BEGINS = ['start', 'resume']

/** When one of these parts was stopped, killed, paused or down by the script. */
function offSpans(history: History, parts: readonly string[], window: Window): Window[] {
  const spans: Window[] = []
  for (const part of parts) {
    let sinceMs: number | undefined
    for (const event of eventsOf(history, 'fault')) {
      if (event.part !== part) continue
      const ends = ENDS.includes(event.action) || event.switches?.['down'] === true
      const begins = BEGINS.includes(event.action) || (event.switches !== undefined && !ends)
      if (ends) sinceMs ??= event.atMs
      else if (begins && sinceMs !== undefined) {
        spans.push({ fromMs: sinceMs, toMs: event.atMs })
        sinceMs = undefined
      }
    }
    if (sinceMs !== undefined) spans.push({ fromMs: sinceMs, toMs: window.toMs })
  }
  return overlap(joined(spans), [window])
}
