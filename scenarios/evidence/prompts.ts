import { type EventOf, eventsOf, type History, sendKey } from './history.ts'

/** Prompts and their ends, whether they went through our nodes or straight to a balancer. Pure. */

/** A prompt that was taken: stored by a node, or by the balancer. */
export interface TakenPrompt {
  user: string
  clientMessageId: string
  task: string
  /** Empty where nothing is stored. */
  conversation: string
  seq: number
}

export function takenPrompts(history: History): TakenPrompt[] {
  return history.events.flatMap((event): TakenPrompt[] => {
    if (event.kind === 'pushed') return [{ ...event, conversation: '', seq: 0 }]
    return event.kind === 'stored' && event.task !== undefined ? [{ ...event, task: event.task }] : []
  })
}

/** The inferences of a task, as witnesses. */
export function inferencesOf(history: History, task: string | undefined): EventOf<'inference'>[] {
  return eventsOf(history, 'inference').filter(event => event.task === task)
}

/** What the asker of a task saw of its end. */
export interface PromptEnd {
  atMs: number
  /** An answer, not an apology or an error. */
  answered: boolean
  event: EventOf<'shown'> | EventOf<'push-ended'>
}

/** The first end of each task; of an answer and an apology the answer. */
export function promptEnds(history: History): Map<string, PromptEnd> {
  const ends = new Map<string, PromptEnd>()
  for (const event of history.events) {
    if (event.kind !== 'push-ended' && event.kind !== 'shown') continue
    const { task, answered = true, atMs } = event
    if (task === undefined) continue
    const known = ends.get(task)
    if (known === undefined || (answered && !known.answered)) ends.set(task, { atMs, answered, event })
  }
  return ends
}

/** A message that asks for an answer, with its task where it was taken. */
export interface AskedPrompt {
  send: EventOf<'send'>
  task: string | undefined
}

/** Every prompt that was sent, those that were refused and those that nobody heard of too. */
export function askedPrompts(history: History): AskedPrompt[] {
  const taken = new Map(takenPrompts(history).map(({ user, clientMessageId, task }) => [sendKey(user, clientMessageId), task]))
  return eventsOf(history, 'send').flatMap(send => {
    const task = taken.get(sendKey(send.user, send.clientMessageId))
    return task === undefined && send.to !== history.robot ? [] : [{ send, task }]
  })
}
