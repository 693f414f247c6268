import { eventsOf, type History, sendKey } from '#evidence/history'
import type { LatencySummary } from '#evidence/load-document'
import { GAP_STEPS } from '#evidence/measures'
import { summaryOf } from './figures.ts'

/** Where the gap between two inferences of a worker goes, as instants after the first one's end.
 *  Instants and not lengths: their medians add up to the median gap. Pure. */

/** From asking to the broker, generously: a prompt asked this long before an end waited. */
const WAITED_MS = 15

/** By the names of `GAP_STEPS`, of workers with one slot, where somebody waited. */
export function gapSteps(history: History): Record<string, LatencySummary> {
  const gaps = gapsOf(history)
  if (gaps.length === 0) return {}
  return Object.fromEntries(
    GAP_STEPS.map(({ name, span }, step) => [
      name,
      summaryOf(
        span,
        gaps.map(gap => gap[step]!),
      ),
    ]),
  )
}

function gapsOf(history: History): number[][] {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? 0
  const key = ({ task, attempt }: { task: string; attempt: number }) => `${task}:${attempt}`
  const steps = new Map(eventsOf(history, 'steps').map(event => [key(event), event]))
  const asked = askedAtMs(history)
  const one = new Set(history.workers.filter(({ slots, backlogMin = 0 }) => slots === 1 && backlogMin === 0).map(({ name }) => name))
  return [...Map.groupBy(eventsOf(history, 'inference'), ({ worker }) => worker)].flatMap(([worker, own]) => {
    if (!one.has(worker)) return []
    const begun = own.filter(({ startedAtMs }) => startedAtMs !== undefined).sort((a, b) => a.startedAtMs! - b.startedAtMs!)
    return begun.slice(1).flatMap((next, i) => {
      const endedMs = begun[i]!.endedAtMs
      const [before, after] = [steps.get(key(begun[i]!)), steps.get(key(next))]
      const waited = asked.get(next.task)
      if (endedMs === undefined || before === undefined || after === undefined || endedMs < fromMs) return []
      if (waited === undefined || waited + WAITED_MS >= endedMs) return []
      // A task that was buffered came before the end: its steps took nothing of the gap.
      let atMs = endedMs
      const instants = [before.endedAtMs, before.savedAtMs, before.confirmedAtMs, after.atMs, after.countedAtMs, next.startedAtMs!]
      return [
        instants.map(instant => {
          atMs = Math.max(atMs, instant)
          return atMs - endedMs
        }),
      ]
    })
  })
}

/** When each task was asked. */
function askedAtMs(history: History): Map<string, number> {
  const sent = new Map(eventsOf(history, 'send').map(event => [sendKey(event.user, event.clientMessageId), event.atMs]))
  return new Map(
    eventsOf(history, 'stored').flatMap(({ task, user, clientMessageId }) => {
      const atMs = sent.get(sendKey(user, clientMessageId))
      return task === undefined || atMs === undefined ? [] : [[task, atMs]]
    }),
  )
}
