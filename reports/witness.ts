import { type Finding, type Values, witnessesOf } from '#evidence/finding'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { filled } from './finding-words.ts'
import { duration } from './predict/text.ts'

/** The events that prove a failure, a line each. Pure. */

const SHOWN = 3

/** The failed checks' first witnesses, each once: an event may prove several breaches. */
export function witnessLines(checks: readonly Pick<Finding, 'verdict' | 'breaches'>[]): string[] {
  const lines = checks.filter(check => check.verdict === 'fail').flatMap(check => witnessesOf(check).map(witnessText))
  return [...new Set(lines)].slice(0, SHOWN)
}

/** `12.345 s  worker-slow asked its GPU for task 0f3a… (attempt 1): done` */
function witnessText(event: HistoryEvent): string {
  return `${(event.atMs / 1_000).toFixed(3)} s  ${what(event)}`
}

const EVENTS: Partial<Record<HistoryEvent['kind'], string>> = {
  inference: '{worker} asked its GPU for task {task:id} (attempt {attempt}){held}{began}: {outcome}',
  send: '{user} sent {clientMessageId:id} to {to}',
  stored: "{user}'s {clientMessageId:id} was stored as {conversation:id} {seq}",
  shown: '{device} showed {conversation:id} {seq} from {sender}',
  expected: 'predicted: {measure} {value:measure} ({low:measure} to {high:measure})',
  fault: '{part}: {action} ({proof})',
  held: '{worker} held {held}, {running} of them running',
  queue: '{queue}: {ready} ready, {consumers} consumers',
  'task-row': 'task {task:id} of {asker} is {state} after {attempts} attempts',
  'message-row': 'message {clientMessageId:id} of {sender} stands as {conversation:id} {seq}',
  published: '{message} was published to "{exchange}" with key "{key}", for {meantFor}',
  received: '{consumer} got {message} from {queue}',
  took: '{taker} on {node} saw {sawCents} cents and took {shareCents}',
  pushed: '{user} pushed {task:id} to the balancer',
  'push-ended': 'task {task:id} of {user} ended: {asked}',
  tried: '{sentence}, {way}: {seen}',
  dead: 'task {task:id} lies in the dead-letter queue',
}

function what(event: HistoryEvent): string {
  const { kind, atMs: _, ...values } = event
  const template =
    EVENTS[kind] ??
    `${kind} ${Object.keys(values)
      .map(key => `${key} {${key}:id}`)
      .join(', ')}`
  return filled(template, { ...values, ...told(event) })
}

/** What an event shows otherwise than it is. */
function told(event: HistoryEvent): Values {
  if (event.kind === 'fault') return { action: actionText(event), proof: event.proof ?? 'not seen to work' }
  if (event.kind === 'tried') return { seen: seenText(event) }
  if (event.kind === 'push-ended') return { asked: event.asked.map(({ server, result }) => `${result} by ${server}`).join(', ') }
  if (event.kind === 'published') return { meantFor: event.meantFor.join(event.each === 'one' ? ' or ' : ' and ') }
  if (event.kind !== 'inference') return {}
  const { atMs, startedAtMs, heldMs } = event
  const later = startedAtMs !== undefined && startedAtMs - atMs >= 1 ? `, which began ${duration(startedAtMs - atMs)} later` : ''
  const began = startedAtMs === undefined ? ', which never began' : later
  return { began, held: heldMs === undefined ? '' : ` after holding it for ${duration(heldMs)}` }
}

/** `status 500, times 1` of a GPU's faults; any other action as it is. */
export function actionText({ action, switches }: Pick<EventOf<'fault'>, 'action' | 'switches'>): string {
  if (switches === undefined) return action
  const entries = Object.entries(switches)
  return entries.length === 0 ? 'healed' : entries.map(([name, value]) => `${name} ${value}`).join(', ')
}

/** What a try of a sentence saw: `held 20, done 1, back 0`. */
export function seenText({ seen }: Pick<EventOf<'tried'>, 'seen'>): string {
  return Object.entries(seen)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)} ${value}`)
    .join(', ')
}
