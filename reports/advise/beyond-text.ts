import type { Advice } from '../../scenarios/predictor/advise/advice.ts'
import { type Capacity, MORE_MAX } from '../../scenarios/predictor/advise/capacity.ts'
import type { Estimate } from '../../scenarios/predictor/advise/estimate.ts'
import type { Beyond, Change, Changed } from '../../scenarios/predictor/advise/further.ts'
import type { Question } from '../../scenarios/predictor/advise/question.ts'
import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { duration } from '../predict/text.ts'
import { counted, figure } from '../words.ts'
import { fleetWords, rateText, settingWords } from './words.ts'

/** What a change, another load, a link and more GPUs bring. Pure. */
export function beyondText(question: Question, advice: Advice, beyond: Beyond, capacity: Capacity, columns: number): string[] {
  const lines = [loadWords(question, beyond), linkWords(question, beyond), ...capacityWords(question, capacity)]
  return [
    ...(beyond.changes.length === 0
      ? []
      : [tableText([CHANGES_HEAD, ...changesRows(question, beyond.changes)], { columns, figures: true })]),
    ...lines.flatMap(text => (text === undefined ? [] : paragraph(text, columns))),
    ...(advice.ranking === undefined && capacity.needed.length === 0 ? ['No number of these GPUs was found.'] : []),
  ]
}

const CHANGES_HEAD = ['with the best setting, and', 'wait p95', 'answer p95']

export function changesRows(question: Question, changes: readonly Changed[]): string[][] {
  return changes.map(({ change, before, after, same }) => [
    changeWords(question, change),
    ...(same
      ? ['no difference', '']
      : [difference(before.waitMs.p95, after.waitMs.p95), difference(before.answerMs.p95, after.answerMs.p95)]),
  ])
}

/** `1.4 s, -89 %`: both on the same questions. */
function difference(before: Estimate, after: Estimate): string {
  const percent = 100 * (after.value / Math.max(before.value, 1) - 1)
  return `${duration(after.value)}, ${percent < 0 ? '' : '+'}${percent.toFixed(0)} %`
}

function changeWords({ kinds }: Question, change: Change): string {
  const name = (kind: number) => kinds[kind]!.name
  switch (change.kind) {
    case 'gpu':
      return change.more === 1 ? `one more ${name(change.of)}` : `one ${name(change.of)} less`
    case 'priority':
      return `${name(change.first)} served first (workerPriority)`
    case 'threshold':
      return `${name(change.slow)} only from ${change.backlogMin} waiting (workerBacklogMin)`
    case 'fair':
      return `others, when one user asks ${change.crowd}: ${change.atOnce} at once (userTasksAtOnce)`
    case 'order':
      return `${change.inARow} questions in a row, answered in order`
  }
}

/** A curve's points come from a few batches. */
const NOTICED = 0.97

/** Where the best setting changes, and what the SLO allows. */
export function loadWords(question: Question, { loads, settings }: Beyond): string | undefined {
  if (loads.length === 0) return undefined
  const { sloMs } = question
  const within = (i: number) => loads.findLast((_, point) => loads.slice(0, point + 1).every(({ p95WaitMs }) => p95WaitMs[i]! <= sloMs))
  const allows = (i: number) => {
    const last = within(i)
    return last === undefined ? `less than ${percent(loads[0]!.at)}` : `${percent(last.at)} (${rateText(last.perSecond)})`
  }
  const [slots, today] = [settings[0]!, settings.at(-1)!]
  const todayWords = slots.prefetch.join() === today.prefetch.join() ? '' : `, today's setting ${allows(settings.length - 1)}`
  const better = loads.filter(({ p95WaitMs: [own, more] }) => more! < own! * NOTICED).map(({ at }) => percent(at))
  const change =
    better.length === 0
      ? `At no load from ${percent(loads[0]!.at)} to ${percent(loads.at(-1)!.at)} is one more better.`
      : `With ${settingWords(settings[1]!, question)} it is shorter at a load of ${better.join(', ')}.`
  return `LOAD: ${settingWords(slots, question)} keeps a p95 wait of ${duration(sloMs)} up to a load of ${allows(0)}${todayWords}. ${change}`
}

export function linkWords(question: Question, { links, settings }: Beyond): string | undefined {
  if (links.length === 0) return undefined
  const shown = links.map(({ at, p95WaitMs: [own] }) => `${at} ms ${own === null ? 'overloaded' : duration(own!)}`)
  const better = links.find(({ p95WaitMs: [own, more] }) => own !== null && more! < own! * NOTICED)
  const change =
    better === undefined ? 'One more never pays.' : `From ${better.at} ms on ${settingWords(settings[1]!, question)} is better.`
  return `LINK: p95 wait by round trip: ${shown.join(', ')}. ${change}`
}

export function capacityWords(question: Question, { perSecond, enough, needed }: Capacity): string[] {
  const { kinds, fleet, sloMs } = question
  const head = `GPUS: a p95 wait of ${duration(sloMs)}${perSecond === undefined ? '' : ` at ${rateText(perSecond)}`}`
  const cost = (perHour: number | undefined) => (perHour === undefined ? '' : `, ${figure(perHour)} an hour`)
  if (enough)
    return [`${head}: ${fleetWords(question, fleet)} are enough (${duration(needed[0]!.p95WaitMs!)}${cost(needed[0]!.costPerHour)}).`]
  const cheapest = needed.toSorted((a, b) => (a.costPerHour ?? Number.POSITIVE_INFINITY) - (b.costPerHour ?? Number.POSITIVE_INFINITY))[0]!
  const ways = needed.map(({ of, more, p95WaitMs, costPerHour }) => {
    const { name } = kinds[of!]!
    if (more === undefined) return `not with ${MORE_MAX} more ${name}`
    const mark = costPerHour !== undefined && costPerHour === cheapest.costPerHour && needed.length > 1 ? ', the cheapest' : ''
    return `${more} more ${name} (${duration(p95WaitMs!)}${cost(costPerHour)}${mark})`
  })
  return [`${head} needs ${ways.join(', or ')}. Now: ${counted(fleet.length, 'worker')}.`]
}

const percent = (share: number) => `${Math.round(100 * share)} %`
