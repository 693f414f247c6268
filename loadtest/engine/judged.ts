import { createHash } from 'node:crypto'
import { duplicate, lost, order, phantom, wrongAddressee } from '#checks/delivery'
import { sequence } from '#checks/sequence'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { eventsOf, type History, type HistoryEvent, sendKey } from '#evidence/history'
import type { Check } from '#evidence/verdict'
import { JUDGED_MESSAGES_MAX, type LoadPlan, type Traffic } from '../workload.ts'

/** Which events of a load test are judged, and by which checks. Pure. */

/** A closed loop sends as fast as it can; no lab here took more in a second. */
const CLOSED_PER_SECOND_MAX = 20_000

/** Share of the conversations whose events are written down; 1 = all. */
export function judgedShare({ traffic, warmUpMs, forMs }: LoadPlan): number {
  const perSecond = traffic.reduce(
    (sum, { ratePerSecond, outstanding }) => sum + (outstanding > 0 ? CLOSED_PER_SECOND_MAX : ratePerSecond),
    0,
  )
  const messages = (perSecond * (warmUpMs + forMs)) / 1_000
  return messages <= JUDGED_MESSAGES_MAX ? 1 : JUDGED_MESSAGES_MAX / messages
}

/** Whole conversations, so that what is lost, doubled or out of order within one is seen. */
export function isJudged(conversation: string, share: number): boolean {
  return share >= 1 || createHash('sha256').update(conversation).digest().readUInt32BE(0) / 2 ** 32 < share
}

/** Without what the stores and the GPUs tell of conversations that are not judged. */
export function judgedEvents(events: readonly HistoryEvent[], share: number): HistoryEvent[] {
  if (share >= 1) return [...events]
  const tasks = new Set(events.flatMap(event => (event.kind === 'task-row' && isJudged(event.conversation, share) ? [event.task] : [])))
  return events.filter(event => {
    if (event.kind === 'message-row' || event.kind === 'task-row') return isJudged(event.conversation, share)
    if (event.kind === 'inference' || event.kind === 'steps' || event.kind === 'work' || event.kind === 'dead') return tasks.has(event.task)
    return true
  })
}

/** What is promised at any load. Without sequences there is neither order nor store to judge. */
export function checksFor({ traffic }: { traffic: readonly Pick<Traffic, 'kind'>[] }, sequenced: boolean): Check[] {
  const bot = traffic.some(({ kind }) => kind === 'bot')
  return [
    lost,
    phantom,
    duplicate,
    wrongAddressee,
    ...(sequenced ? [order, sequence] : []),
    ...(bot ? [answeredOnce, prefetch, slots, drainedEmpty] : []),
    ...(bot && sequenced ? [allAnswered, conservation] : []),
  ]
}

/** Accepted messages that never arrived, prompts without an end, and repetitions. */
export function lostAndDoubled(history: History): { lost: number; duplicates: number } {
  const shown = new Map<string, number>()
  const ended = new Set<string>()
  for (const { user, device, sender, clientMessageId, task } of eventsOf(history, 'shown')) {
    const key = `${device}:${sender}:${clientMessageId}`
    shown.set(key, (shown.get(key) ?? 0) + 1)
    if (user !== sender) ended.add(task ?? `${user}:${sender}:${clientMessageId}`)
  }
  const stored = new Map(eventsOf(history, 'stored').map(event => [sendKey(event.user, event.clientMessageId), event]))
  let missing = 0
  for (const { user, to, clientMessageId } of eventsOf(history, 'send')) {
    const told = stored.get(sendKey(user, clientMessageId))
    if (told === undefined && history.sequenced) continue
    if (to !== history.robot) missing += ended.has(`${to}:${user}:${clientMessageId}`) ? 0 : 1
    else if (told?.task !== undefined) missing += ended.has(told.task) ? 0 : 1
  }
  return { lost: missing, duplicates: shown.values().reduce((sum, count) => sum + count - 1, 0) }
}
