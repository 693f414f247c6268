import { eventsOf, type History } from '../history.ts'
import { askedPrompts, promptEnds } from '../prompts.ts'
import { promptsOf } from '../schedule.ts'
import { breach, check } from '../verdict.ts'

/** Checks that an engineer asks for first: people are served in time. */

export interface Within {
  /** Share of the prompts that must be within the limit. Percent, default 100. */
  percent?: number
  /** Of whose prompts. Default: everybody's. */
  of?: (user: string) => boolean
}

/** Every answer begins in time after its prompt was sent.
 *  @param limitMs of the wall, not of GPU time */
export function startedWithin(limitMs: number, within: Within = {}) {
  return servedWithin('started-within', 'begins', limitMs, within, startsOf)
}

/** Every answer is shown in time after its prompt was sent. Apologies do not count as answers.
 *  @param limitMs of the wall, not of GPU time */
export function answeredWithin(limitMs: number, within: Within = {}) {
  return servedWithin('answered-within', 'is shown', limitMs, within, answersOf)
}

type TimesOf = (history: History) => ReadonlyMap<string, number>

/** When the first inference of each task began. */
const startsOf: TimesOf = history => new Map(promptsOf(history, { all: true }).map(({ task, startedMs }) => [task, startedMs]))

/** When the answer to each task was first shown. */
const answersOf: TimesOf = history =>
  new Map([...promptEnds(history)].flatMap(([task, { answered, atMs }]) => (answered ? [[task, atMs]] : [])))

function servedWithin(name: string, does: string, limitMs: number, { percent = 100, of = () => true }: Within, timesOf: TimesOf) {
  const who = percent === 100 ? 'Every answer' : `Of all answers ${percent} %`
  return check(
    name,
    `${who} ${does} within ${limitMs} ms.`,
    history => {
      const times = timesOf(history)
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
    },
    { timed: true },
  )
}
