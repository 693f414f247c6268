import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check, type Found } from '../verdict.ts'
import { owedDevices } from './devices.ts'

/** Each stored prompt ends in exactly one answer or visible error, is cancelled or queued. */

type Row = EventOf<'task-row'>

/** Answers and apologies as shown, by task and device. */
function answersShown(history: History): Map<string, Map<string, EventOf<'shown'>[]>> {
  const tasks = new Map<string, Map<string, EventOf<'shown'>[]>>()
  for (const event of eventsOf(history, 'shown')) {
    if (event.task === undefined || event.sender !== history.robot) continue
    const devices = tasks.get(event.task) ?? new Map<string, EventOf<'shown'>[]>()
    tasks.set(event.task, devices)
    devices.set(event.device, [...(devices.get(event.device) ?? []), event])
  }
  return tasks
}

export const answeredOnce = check(
  'answered-once',
  'No device ever shows two ends of one task: answers and apologies count alike.',
  history => {
    const answers = answersShown(history)
    const breaches = []
    for (const [task, devices] of answers) {
      for (const [device, shown] of devices) {
        if (shown.length > 1) breaches.push(breach('ended-twice', { device, ends: shown.length, task }, ...shown))
      }
    }
    return { judged: answers.size, of: 'tasks-with-an-answer-or-apology', breaches }
  },
)

/** Every accepted prompt has a row, and a row in an end state has what its asker must see. */
export const conservation = check(
  'task-conservation',
  'Stored prompts = answered + one visible error + cancelled + still queued; the dead-letter queue holds each task once that used up its attempts, and no other; what is queued lies in the queue.',
  history => {
    const rows = new Map(eventsOf(history, 'task-row').map(row => [row.task, row]))
    const prompts = new Map(eventsOf(history, 'stored').flatMap(event => (event.task === undefined ? [] : [[event.task, event] as const])))
    const answers = answersShown(history)
    const owed = owedDevices(history)
    const dead = Map.groupBy(eventsOf(history, 'dead'), event => event.task)
    const breaches: Found[] = []
    for (const [task, event] of prompts) {
      if (!rows.has(task)) breaches.push(breach('no-task-row', { message: event.clientMessageId, task }, event))
    }
    for (const row of rows.values()) {
      const devices = owed(row.asker, prompts.get(row.task)?.atMs ?? Number.POSITIVE_INFINITY)
      breaches.push(...seenBreaches(row, answers.get(row.task), devices), ...deadBreaches(row, dead.get(row.task), history.attemptsMax))
    }
    for (const [task, letters] of dead) {
      if (!rows.has(task)) breaches.push(breach('dead-without-row', { task }, ...letters))
    }
    breaches.push(...openBreaches(history, [...rows.values()]))
    return { judged: rows.size, of: 'tasks-in-the-database', breaches }
  },
  { needsRest: true },
)

/** Compares what the asker saw with the task's end. @param devices that must have shown it. */
function seenBreaches(row: Row, shown: Map<string, EventOf<'shown'>[]> | undefined, devices: readonly string[]) {
  const seen = [...(shown?.values() ?? [])].flat()
  const { task, state } = row
  const breaches = []
  if (state === 'answered' || state === 'failed') {
    const blind = devices.filter(device => shown?.has(device) !== true)
    if (seen.length === 0 || blind.length > 0)
      breaches.push(
        breach('end-unseen', { task, state, devices: seen.length === 0 ? row.asker : blind.join(', ') }, row, ...seen.slice(0, 1)),
      )
  } else if (seen.length > 0) breaches.push(breach('end-seen-early', { task, state }, row, ...seen.slice(0, 1)))
  for (const event of seen) {
    if (event.answered !== undefined && event.answered !== (state === 'answered'))
      breaches.push(breach('other-end-seen', { task, state, device: event.device, end: event.answered ? 'answer' : 'apology' }, row, event))
  }
  return breaches
}

/** @param attemptsMax 0 = attempts are not counted. */
function deadBreaches(row: Row, letters: readonly EventOf<'dead'>[] = [], attemptsMax: number) {
  const { task, state } = row
  if (state !== 'failed') return letters.length === 0 ? [] : [breach('dead-yet-open', { task, state }, row, ...letters)]
  const breaches = []
  if (letters.length === 0) breaches.push(breach('failed-not-dead', { task }, row))
  if (letters.length > 1) breaches.push(breach('dead-often', { task, times: letters.length }, row, ...letters))
  const counted = row.attempts - (row.refunded ?? 0)
  if (attemptsMax > 0 && (row.failure ?? 'attempts-used-up') === 'attempts-used-up' && counted !== attemptsMax)
    breaches.push(breach('attempts-differ', { task, attempts: counted, allowed: attemptsMax }, row))
  return breaches
}

/** In an idle lab what a row calls queued must lie in a queue, or no worker will take it. */
function openBreaches(history: History, rows: readonly Row[]) {
  const breaches = rows.filter(row => row.state === 'running').map(row => breach('still-open', { task: row.task, state: row.state }, row))
  const last = new Map(eventsOf(history, 'queue').map(event => [event.queue, event]))
  const ready = [...last.values()].reduce((sum, event) => sum + event.ready, 0)
  const queued = rows.filter(row => row.state === 'queued')
  if (last.size > 0 && queued.length > ready)
    breaches.push(breach('queued-nowhere', { queued: queued.length, ready }, ...last.values(), ...queued))
  return breaches
}

/** For arms in which every prompt must be answered by a model; `poisonEnds` judges a poison. */
export const allAnswered = check(
  'all-answered',
  'Every accepted prompt that a model can answer was answered by one, seen on every device of the asker that stayed.',
  history => {
    const answers = answersShown(history)
    const owed = owedDevices(history)
    const sends = new Map(eventsOf(history, 'send').map(event => [event.clientMessageId, event.atMs]))
    const prompts = new Map(eventsOf(history, 'stored').flatMap(event => (event.task === undefined ? [] : [[event.task, event] as const])))
    for (const { task } of eventsOf(history, 'marked')) prompts.delete(task)
    const breaches = []
    for (const [task, event] of prompts) {
      const seen = answers.get(task)
      const all = [...(seen?.values() ?? [])].flat()
      const answered = (shown: readonly EventOf<'shown'>[]) => shown.some(answer => answer.answered !== false)
      if (!answered(all)) {
        const values = { user: event.user, message: event.clientMessageId }
        breaches.push(breach(all.length === 0 ? 'no-answer' : 'only-apology', values, event, ...all.slice(0, 1)))
        continue
      }
      for (const device of owed(event.user, sends.get(event.clientMessageId) ?? event.atMs)) {
        if (answered(seen?.get(device) ?? [])) continue
        const values = { device, user: event.user, message: event.clientMessageId }
        breaches.push(breach('answer-unseen', values, event, ...all.slice(0, 1)))
      }
    }
    return { judged: prompts.size, of: 'prompts-that-a-model-can-answer', breaches }
  },
  { needsRest: true },
)
