import { eventsOf, type History } from '#checks/history'
import { promptsOf } from '#checks/schedule'
import { overtakesOf } from '#predictor'

/** Who asked when, and how long each waited, in the measured part of an arm: those who never got a model included. Pure. */

export interface Asked {
  task: string
  user: string
  askedMs: number
  /** It reached a worker. */
  deliveredMs?: number
  /** Its worker asked the model server. */
  requestedMs?: number
  /** Its first inference began: its wait ends here. */
  startedMs?: number
}

export interface Window {
  fromMs: number
  toMs: number
}

/** The measured part: from the end of the warm-up (else the first prompt) until the arm came to rest. */
export function windowOf(history: History): Window {
  const sends = eventsOf(history, 'send')
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? sends[0]?.atMs ?? 0
  const ends = eventsOf(history, 'inference').flatMap(event => event.endedAtMs ?? event.startedAtMs ?? [])
  const rest = eventsOf(history, 'rest').at(-1)?.atMs ?? fromMs
  let toMs = Math.max(fromMs + 1, rest)
  for (const end of ends) toMs = Math.max(toMs, end)
  return { fromMs, toMs }
}

/** In the order of asking. */
export function askedOf(history: History, { fromMs }: Window): Asked[] {
  const firstRequest = new Map<string, number>()
  for (const event of eventsOf(history, 'inference')) {
    const known = firstRequest.get(event.task)
    if (event.startedAtMs !== undefined && (known === undefined || event.atMs < known)) firstRequest.set(event.task, event.atMs)
  }
  const asked = promptsOf(history, { all: true }).map(({ task, user, askedMs, deliveredMs, startedMs }): Asked => {
    const requestedMs = Math.min(startedMs, Math.max(deliveredMs, firstRequest.get(task) ?? startedMs))
    return { task, user, askedMs, deliveredMs, requestedMs, startedMs }
  })
  const begun = new Set(asked.map(({ task }) => task))
  const sends = new Map(eventsOf(history, 'send').map(event => [`${event.user}:${event.clientMessageId}`, event.atMs]))
  for (const { user, clientMessageId, task } of eventsOf(history, 'stored')) {
    const askedMs = sends.get(`${user}:${clientMessageId}`)
    if (task !== undefined && askedMs !== undefined && !begun.has(task)) asked.push({ task, user, askedMs })
  }
  return asked.filter(({ askedMs }) => askedMs >= fromMs).sort((a, b) => a.askedMs - b.askedMs)
}

export interface Longest {
  asked: Asked
  waitedMs: number
  /** Newer prompts that were begun before. */
  overtakenBy: number
}

/** Whoever waited longest; undefined where nobody asked. */
export function longestOf(asked: readonly Asked[], { toMs }: Window): Longest | undefined {
  const waited = asked.map(({ askedMs, startedMs = toMs }) => startedMs - askedMs)
  let at = 0
  for (const [i, ms] of waited.entries()) if (ms > (waited[at] ?? 0)) at = i
  const longest = asked[at]
  if (longest === undefined) return undefined
  const overtakes = overtakesOf(asked.map(({ startedMs = Number.POSITIVE_INFINITY }) => startedMs))
  return { asked: longest, waitedMs: waited[at] ?? 0, overtakenBy: overtakes[at] ?? 0 }
}
