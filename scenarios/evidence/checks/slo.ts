import { eventsOf, type History } from '../history.ts'
import { askedPrompts, promptEnds } from '../prompts.ts'
import { promptsOf } from '../schedule.ts'
import { breach, check, type Look } from '../verdict.ts'

/** Checks that an engineer asks for first: people are served in time. */

export interface Within {
  /** Share of the prompts that must be within the limit. Percent, default 100. */
  percent?: number
  /** Of whose prompts. Default: everybody's. */
  of?: (user: string) => boolean
}

/** Measured from the sending of its prompt.
 *  @param limitMs of the wall, not of GPU time
 *  @param within whose prompts, and which share of them; default all of everybody's */
export function startedWithin(limitMs: number, within: Within = {}) {
  const { percent = 100 } = within
  return check(
    'started-within',
    `At least ${percent} % of the answers begin within ${limitMs} ms.`,
    history => served(history, limitMs, within, startsOf(history)),
    { timed: true },
  )
}

/** Measured from the sending of its prompt to its end on a device. Apologies do not count.
 *  @param limitMs of the wall, not of GPU time
 *  @param within whose prompts, and which share of them; default all of everybody's */
export function answeredWithin(limitMs: number, within: Within = {}) {
  const { percent = 100 } = within
  return check(
    'answered-within',
    `At least ${percent} % of the answers are shown within ${limitMs} ms.`,
    history => served(history, limitMs, within, answersOf(history)),
    { timed: true },
  )
}

/** When the first inference of each task began. */
const startsOf = (history: History) => new Map(promptsOf(history, { all: true }).map(({ task, startedMs }) => [task, startedMs]))

/** When the answer to each task was first shown. */
const answersOf = (history: History) =>
  new Map([...promptEnds(history)].flatMap(([task, { answered, atMs }]) => (answered ? [[task, atMs]] : [])))

function served(history: History, limitMs: number, { percent = 100, of = () => true }: Within, times: ReadonlyMap<string, number>): Look {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const asked = askedPrompts(history).flatMap(({ send, task }) => {
    if (task === undefined || send.atMs < fromMs || !of(send.user)) return []
    return [{ send, tookMs: (times.get(task) ?? Number.POSITIVE_INFINITY) - (send.dueMs ?? send.atMs) }]
  })
  const late = asked.filter(({ tookMs }) => tookMs > limitMs).toSorted((a, b) => b.tookMs - a.tookMs)
  const inTimePercent = (100 * (asked.length - late.length)) / Math.max(1, asked.length)
  const breaches =
    inTimePercent >= percent
      ? []
      : late.map(({ send, tookMs }) => {
          const values = { user: send.user, message: send.clientMessageId, limitMs, inTimePercent, percent }
          return tookMs === Number.POSITIVE_INFINITY
            ? breach('served-never', values, send)
            : breach('served-late', { ...values, tookMs }, send)
        })
  return { judged: asked.length, of: 'prompts', breaches }
}
