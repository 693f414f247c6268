import { owedDevices } from './devices.ts'
import { type EventOf, eventsOf, type History } from './history.ts'
import { check } from './verdict.ts'

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

export const answeredOnce = check('answered-once', 'No device ever shows two answers to one task.', history => {
  const answers = answersShown(history)
  const breaches = []
  for (const [task, devices] of answers) {
    for (const [device, shown] of devices) {
      if (shown.length > 1) breaches.push({ what: `${device} showed ${shown.length} answers to task ${task}`, witnesses: shown })
    }
  }
  return { judged: answers.size, of: 'answered tasks', breaches }
})

/** Every accepted prompt has a row, and a row in an end state has what its asker must see. */
export const conservation = check(
  'task-conservation',
  'Stored prompts = answered + one visible error + cancelled + still queued; the dead-letter queue holds exactly the tasks that used up their attempts.',
  history => {
    const rows = new Map(eventsOf(history, 'task-row').map(row => [row.task, row]))
    const prompts = eventsOf(history, 'stored').filter(event => event.task !== undefined)
    const answers = answersShown(history)
    const dead = new Map(eventsOf(history, 'dead').map(event => [event.task, event]))
    const breaches = []
    for (const event of prompts) {
      if (!rows.has(event.task ?? ''))
        breaches.push({ what: `prompt ${event.clientMessageId} was stored as task ${event.task}, which has no row`, witnesses: [event] })
    }
    for (const row of rows.values()) breaches.push(...rowBreaches(row, answers.get(row.task), dead.get(row.task)))
    for (const [task, event] of dead) {
      if (!rows.has(task)) breaches.push({ what: `task ${task} lies in the dead-letter queue and has no row`, witnesses: [event] })
    }
    return { judged: rows.size, of: 'tasks', breaches }
  },
  { needsRest: true },
)

function rowBreaches(row: Row, shown: Map<string, EventOf<'shown'>[]> | undefined, dead: EventOf<'dead'> | undefined) {
  const seen = [...(shown?.values() ?? [])].flat()
  const breaches = []
  if ((row.state === 'answered' || row.state === 'failed') && seen.length === 0) {
    breaches.push({ what: `task ${row.task} is ${row.state}, and ${row.asker} saw nothing`, witnesses: [row] })
  }
  if ((row.state === 'queued' || row.state === 'running' || row.state === 'cancelled') && seen.length > 0) {
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
  if (row.state === 'failed' && dead === undefined)
    breaches.push({ what: `task ${row.task} failed and is not in the dead-letter queue`, witnesses: [row] })
  if (row.state !== 'failed' && dead !== undefined)
    breaches.push({ what: `task ${row.task} is ${row.state}, yet lies in the dead-letter queue`, witnesses: [row, dead] })
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
    return { judged: prompts.size, of: 'prompts', breaches }
  },
  { needsRest: true },
)
