import { eventsOf, type History, sendKey, sendsOf } from '#evidence/history'
import { promptEnds, takenPrompts } from '#evidence/prompts'
import { promptsOf } from '#evidence/schedule'
import { overtakesOf } from '#predictor'
import { heldBackUntil } from './held-back.ts'

/** Who asked when and waited how long, in the measured part, also without any model. Pure. */

export interface Asked {
  task: string
  user: string
  askedMs: number
  /** It lay in the outbox until then: an earlier question of its conversation had not ended. */
  heldBackUntilMs?: number
  deliveredMs?: number
  /** Its worker asked the model server. */
  requestedMs?: number
  /** Its first inference began: its wait ends here. */
  startedMs?: number
  /** It never began, and its asker got the apology or an error. */
  apologyMs?: number
}

/** When the wait was over; undefined where it was not. */
export function waitEndMs({ startedMs, apologyMs }: Asked): number | undefined {
  return startedMs ?? apologyMs
}

export interface Window {
  fromMs: number
  toMs: number
}

/** From the warm-up's end (else the first prompt) to the last activity, or the arm's end. */
export function windowOf(history: History): Window {
  const sends = eventsOf(history, 'send')
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? sends[0]?.atMs ?? 0
  const inferences = eventsOf(history, 'inference')
  const ends = inferences.map(run => run.endedAtMs ?? run.startedAtMs ?? run.atMs)
  const begun = new Set(inferences.map(run => run.task))
  const ended = promptEnds(history)
  const waitsOn = takenPrompts(history).some(({ task }) => !begun.has(task) && !ended.has(task))
  const done = [
    ...ends,
    ...[...sends, ...eventsOf(history, 'fault'), ...(waitsOn ? eventsOf(history, 'rest') : [])].map(event => event.atMs),
  ]
  return { fromMs, toMs: done.reduce((last, atMs) => Math.max(last, atMs), fromMs + 1) }
}

/** In the order of asking. */
export function askedOf(history: History, { fromMs }: Window): Asked[] {
  const firstRequest = new Map<string, number>()
  for (const event of eventsOf(history, 'inference')) {
    const known = firstRequest.get(event.task)
    if (event.startedAtMs !== undefined && (known === undefined || event.atMs < known)) firstRequest.set(event.task, event.atMs)
  }
  const heldBack = heldBackUntil(history)
  const asked = promptsOf(history, { all: true }).map(({ task, user, askedMs, deliveredMs, startedMs }): Asked => {
    const requestedMs = Math.min(startedMs, Math.max(deliveredMs, firstRequest.get(task) ?? startedMs))
    const heldBackUntilMs = heldBack.get(task)
    const held =
      heldBackUntilMs === undefined || heldBackUntilMs <= askedMs ? {} : { heldBackUntilMs: Math.min(deliveredMs, heldBackUntilMs) }
    return { task, user, askedMs, ...held, deliveredMs, requestedMs, startedMs }
  })
  const begun = new Set(asked.map(({ task }) => task))
  const sends = sendsOf(history)
  const ends = promptEnds(history)
  for (const { user, clientMessageId, task } of takenPrompts(history)) {
    const send = sends.get(sendKey(user, clientMessageId))
    if (send === undefined || begun.has(task)) continue
    const askedMs = send.dueMs ?? send.atMs
    const end = ends.get(task)
    const apologyMs = end?.answered === false ? end.atMs : undefined
    asked.push({ task, user, askedMs, ...(apologyMs === undefined ? {} : { apologyMs }) })
  }
  return asked.filter(({ askedMs }) => askedMs >= fromMs).sort((a, b) => a.askedMs - b.askedMs)
}

/** The one prompt that a picture marks. */
export interface Hero {
  asked: Asked
  waitedMs: number
  /** Newer prompts that were begun before. */
  overtakenBy: number
}

/** Of the longest wait, this much is long enough to be marked. */
const NEARLY_LONGEST = 0.8

/** Among the longest waits the one overtaken most; undefined if nobody asked. */
export function heroOf(asked: readonly Asked[], { toMs }: Window): Hero | undefined {
  const waited = asked.map(each => (waitEndMs(each) ?? toMs) - each.askedMs)
  const overtakes = overtakesOf(asked.map(({ startedMs = Number.POSITIVE_INFINITY }) => startedMs))
  const longestMs = waited.reduce((most, ms) => Math.max(most, ms), 0)
  let hero: Hero | undefined
  for (const [i, each] of asked.entries()) {
    const [waitedMs, overtakenBy] = [waited[i] ?? 0, overtakes[i] ?? 0]
    if (waitedMs < NEARLY_LONGEST * longestMs) continue
    const more = hero === undefined || overtakenBy > hero.overtakenBy || (overtakenBy === hero.overtakenBy && waitedMs > hero.waitedMs)
    if (more) hero = { asked: each, waitedMs, overtakenBy }
  }
  return hero
}
