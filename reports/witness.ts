import { type Finding, witnessesOf } from '#evidence/finding'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { duration } from './predict/text.ts'
import { figure } from './words.ts'

/** The events that prove a failure, a line each. Pure. */

const SHOWN = 3

/** The failed checks' first witnesses, each once: an event may prove several breaches. */
export function witnessLines(checks: readonly Pick<Finding, 'verdict' | 'breaches'>[]): string[] {
  const lines = checks.filter(check => check.verdict === 'fail').flatMap(check => witnessesOf(check).map(witnessText))
  return [...new Set(lines)].slice(0, SHOWN)
}

/** `12.345 s  worker-slow began task 0f3a… after 8.91 s in its buffer` */
function witnessText(event: HistoryEvent): string {
  return `${(event.atMs / 1_000).toFixed(3)} s  ${what(event)}`
}

const short = (id: string) => (id.length > 13 ? `${id.slice(0, 8)}…` : id)

function what(event: HistoryEvent): string {
  switch (event.kind) {
    case 'inference': {
      const began = event.startedAtMs === undefined ? 'never begun' : `begun at ${(event.startedAtMs / 1_000).toFixed(3)} s`
      const held = event.heldMs === undefined ? '' : `, held ${duration(event.heldMs)} before`
      return `${event.worker} asked for task ${short(event.task)}, attempt ${event.attempt}: ${began}${held}, ${event.outcome}`
    }
    case 'send':
      return `${event.user} sent ${short(event.clientMessageId)} to ${event.to}`
    case 'stored':
      return `${event.user}'s ${short(event.clientMessageId)} was stored as ${short(event.conversation)} ${event.seq}`
    case 'shown':
      return `${event.device} showed ${short(event.conversation)} ${event.seq} from ${event.sender}`
    case 'expected':
      return `${event.measure} was predicted as ${figure(event.value)}, between ${figure(event.low)} and ${figure(event.high)}`
    case 'fault':
      return `${event.part}: ${actionText(event)} (${event.proof ?? 'not seen to work'})`
    case 'held':
      return `${event.worker} held ${event.held}, ${event.running} of them running`
    case 'queue':
      return `${event.queue}: ${event.ready} ready, ${event.consumers} consumers`
    case 'task-row':
      return `task ${short(event.task)} of ${event.asker} is ${event.state} after ${event.attempts} attempts`
    case 'message-row':
      return `message ${short(event.clientMessageId)} of ${event.sender} stands as ${short(event.conversation)} ${event.seq}`
    case 'dead':
      return `task ${short(event.task)} lies in the dead-letter queue`
    default: {
      const { kind, atMs: _, ...rest } = event
      return `${kind} ${Object.entries(rest)
        .map(([key, value]) => `${key} ${typeof value === 'string' ? short(value) : value}`)
        .join(', ')}`
    }
  }
}

/** `status 500, times 1` of a GPU's faults; any other action as it is. */
export function actionText({ action, switches }: Pick<EventOf<'fault'>, 'action' | 'switches'>): string {
  if (switches === undefined) return action
  const entries = Object.entries(switches)
  return entries.length === 0 ? 'healed' : entries.map(([name, value]) => `${name} ${value}`).join(', ')
}
