import { type EventOf, eventsOf, type History, type HistoryEvent } from '../history.ts'
import { check } from '../verdict.ts'
import { owedDevices } from './devices.ts'

/** Checks of the bot path: each stored prompt ends in exactly one of one visible answer, one visible error, cancelled, still queued. */

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
        if (shown.length > 1)
          breaches.push({ what: `${device} showed ${shown.length} answers and apologies to task ${task}`, witnesses: shown })
      }
    }
    return { judged: answers.size, of: 'tasks with an answer or apology', breaches }
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
    const breaches = []
    for (const [task, event] of prompts) {
      if (!rows.has(task))
        breaches.push({ what: `prompt ${event.clientMessageId} was stored as task ${task}, which has no row`, witnesses: [event] })
    }
    for (const row of rows.values()) {
      const devices = owed(row.asker, prompts.get(row.task)?.atMs ?? Number.POSITIVE_INFINITY)
      breaches.push(...seenBreaches(row, answers.get(row.task), devices), ...deadBreaches(row, dead.get(row.task), history.attemptsMax))
    }
    for (const [task, letters] of dead) {
      if (!rows.has(task)) breaches.push({ what: `task ${task} lies in the dead-letter queue and has no row`, witnesses: letters })
    }
    breaches.push(...openBreaches(history, [...rows.values()]))
    return { judged: rows.size, of: 'tasks in the database', breaches }
  },
  { needsRest: true },
)

/** What its asker saw of a task against what became of it. @param devices that must have shown its end. */
function seenBreaches(row: Row, shown: Map<string, EventOf<'shown'>[]> | undefined, devices: readonly string[]) {
  const seen = [...(shown?.values() ?? [])].flat()
  const breaches = []
  if (row.state === 'answered' || row.state === 'failed') {
    const blind = devices.filter(device => shown?.has(device) !== true)
    if (seen.length === 0) breaches.push({ what: `task ${row.task} is ${row.state}, and ${row.asker} saw nothing`, witnesses: [row] })
    else if (blind.length > 0)
      breaches.push({
        what: `task ${row.task} is ${row.state}, and ${blind.join(' and ')} saw nothing`,
        witnesses: [row, ...seen.slice(0, 1)],
      })
  } else if (seen.length > 0) {
    breaches.push({ what: `task ${row.task} is ${row.state}, yet an answer was shown`, witnesses: [row, ...seen.slice(0, 1)] })
  }
  for (const event of seen) {
    if (event.answered !== undefined && event.answered !== (row.state === 'answered')) {
      breaches.push({
        what: `task ${row.task} is ${row.state}, yet ${event.device} showed ${event.answered ? 'an answer' : 'an apology'}`,
        witnesses: [row, event],
      })
    }
  }
  return breaches
}

/** @param attemptsMax 0 = attempts are not counted. */
function deadBreaches(row: Row, letters: readonly EventOf<'dead'>[] = [], attemptsMax: number) {
  if (row.state !== 'failed')
    return letters.length === 0
      ? []
      : [{ what: `task ${row.task} is ${row.state}, yet lies in the dead-letter queue`, witnesses: [row, ...letters] }]
  const breaches = []
  if (letters.length === 0) breaches.push({ what: `task ${row.task} failed and is not in the dead-letter queue`, witnesses: [row] })
  if (letters.length > 1)
    breaches.push({ what: `task ${row.task} lies ${letters.length} times in the dead-letter queue`, witnesses: [row, ...letters] })
  const counted = row.attempts - (row.refunded ?? 0)
  if (attemptsMax > 0 && (row.failure ?? 'attempts-used-up') === 'attempts-used-up' && counted !== attemptsMax)
    breaches.push({ what: `task ${row.task} failed after ${counted} attempts, allowed ${attemptsMax}`, witnesses: [row] })
  return breaches
}

/** At rest nothing runs, and what is queued by its row must lie in a queue: else nobody will ever take it. */
function openBreaches(history: History, rows: readonly Row[]) {
  const breaches = rows
    .filter(row => row.state === 'running')
    .map((row): { what: string; witnesses: HistoryEvent[] } => ({
      what: `task ${row.task} is still running by its row`,
      witnesses: [row],
    }))
  const last = new Map(eventsOf(history, 'queue').map(event => [event.queue, event]))
  const ready = [...last.values()].reduce((sum, event) => sum + event.ready, 0)
  const queued = rows.filter(row => row.state === 'queued')
  if (last.size > 0 && queued.length > ready)
    breaches.push({
      what: `${queued.length} tasks are queued by their rows, ${ready} lie in the queue`,
      witnesses: [...last.values(), ...queued],
    })
  return breaches
}

/** For arms in which every prompt must be answered by a model; a poison is told apart by `poisonEnds`. */
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
        const what = all.length === 0 ? 'saw no answer' : 'saw an apology'
        breaches.push({ what: `${event.user} asked ${event.clientMessageId} and ${what}`, witnesses: [event, ...all.slice(0, 1)] })
        continue
      }
      for (const device of owed(event.user, sends.get(event.clientMessageId) ?? event.atMs)) {
        if (answered(seen?.get(device) ?? [])) continue
        const what = `${device} of ${event.user} never showed the answer to ${event.clientMessageId}, another device did`
        breaches.push({ what, witnesses: [event, ...all.slice(0, 1)] })
      }
    }
    return { judged: prompts.size, of: 'prompts that a model can answer', breaches }
  },
  { needsRest: true },
)
