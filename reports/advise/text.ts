import type { Advice } from '../../scenarios/predictor/advise/advice.ts'
import type { Answer } from '../../scenarios/predictor/advise/answer.ts'
import type { Question } from '../../scenarios/predictor/advise/question.ts'
import type { Ranked } from '../../scenarios/predictor/advise/rank.ts'
import { loadPercent } from '../../scenarios/predictor/offered-load.ts'
import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { duration } from '../predict/text.ts'
import { figure } from '../words.ts'
import { beyondText } from './beyond-text.ts'
import { assumptionsOf, scalerTexts, unknownsOf, warningsOf } from './notes.ts'
import { fleetWords, intervalText, percentText, rateText, setLines, settingWords } from './words.ts'

/** The advice on one screen: what to set, what people wait, what it rests on. Pure. */
export function adviceText(question: Question, { advice, beyond, capacity }: Answer, columns = 80): string {
  const above = [headline(question, advice), ...warningsOf(question, advice)]
  const lines = (texts: readonly string[]) => texts.flatMap(text => paragraph(text, columns))
  const set = setLines(advice.best, question)
  const width = Math.max(...set.map(each => each.for.length)) + 2
  return [
    ...lines(above),
    '',
    ...(advice.ranking === undefined
      ? []
      : [tableText([SETTINGS_HEAD(question), ...settingsRows(question, advice)], { columns, figures: true }), '']),
    ...set.flatMap(each => commandLines(each.for.padEnd(width), each.line, columns)),
    '',
    ...beyondText(question, advice, beyond, capacity, columns),
    '',
    ...lines([
      loadLine(question, advice),
      ...scalerTexts(question, advice),
      `It assumes: ${assumptionsOf(question, advice).join(' ')}`,
      `It does not know: ${unknownsOf(question).join('; ')}.`,
    ]),
  ].join('\n')
}

export function headline(question: Question, { load, ranking, best, bestRow, todayRow, steady }: Advice): string {
  const words = settingWords(best, question)
  if (ranking === undefined || bestRow === undefined)
    return `OVERLOADED: ${rateText(load.perSecond!)} arrive, ${fleetWords(question, question.fleet)} can do ${rateText(load.capacityPerSecond)}: the queue grows without end, whatever the prefetch. ${capital(words)} is right all the same.`
  const { p95 } = bestRow.outcome.waitMs
  const found = `SET ${words}: 95 of 100 people wait at most ${duration(p95.value)} until their answer starts (${intervalText(p95)}).`
  const compared = todayRow === undefined || todayRow === bestRow ? "It is today's setting." : todayWords(todayRow, p95.value, question)
  const going =
    steady === undefined
      ? ''
      : ` A burst alone chooses no prefetch: at ${steady.share * 100} % load, with tasks that keep coming, it is ${inSteady(bestRow, { ranking, steady })}.`
  return `${found} ${compared}${going}`
}

function todayWords({ setting, outcome }: Ranked, bestMs: number, question: Question): string {
  const { value } = outcome.waitMs.p95
  const times = value / Math.max(bestMs, 1)
  const more = times < 1.01 ? 'the same' : times < 2 ? `${figure(100 * (times - 1))} % longer` : `${figure(times)} times as long`
  return `With today's ${settingWords(setting, question)}: ${duration(value)}, ${more}.`
}

function inSteady(
  bestRow: Ranked,
  { ranking, steady }: { ranking: NonNullable<Advice['ranking']>; steady: NonNullable<Advice['steady']> },
): string {
  const row = steady.ranking.rows[ranking.rows.indexOf(bestRow)]!
  return row.ratio <= 1.01
    ? `the best too (p95 ${duration(row.outcome.waitMs.p95.value)})`
    : `${figure(row.ratio)} x the best (p95 ${duration(row.outcome.waitMs.p95.value)})`
}

/** A command that can be pasted: broken at blanks alone, with a backslash. */
function commandLines(head: string, line: string, columns: number): string[] {
  const lines = [head]
  for (const word of line.split(/ (?=--)/)) {
    const last = lines.at(-1)!
    const joined = last === head ? `${head}${word}` : `${last} ${word}`
    if (last === head || joined.length + 2 <= columns) lines[lines.length - 1] = joined
    else lines.splice(-1, 1, `${last} \\`, `${' '.repeat(head.length)}${word}`)
  }
  return lines
}

/** Rows beside the best and today's. */
const ROWS_MAX = 6
const SHOWN = [2, 5, 50, 250]

export const SETTINGS_HEAD = ({ sloMs }: Question) => [
  'setting',
  'wait p50',
  'p95',
  '95 % interval',
  `over ${duration(sloMs).replace('.0 ', ' ')}`,
  'answer p95',
]

export function settingsRows(question: Question, advice: Advice): string[][] {
  return shownRows(question, advice).map(({ setting, outcome: { waitMs, answerMs, latePercent } }) => {
    const mark = setting === advice.best ? ' (best)' : setting === advice.todayRow?.setting ? ' (today)' : ''
    return [
      `${settingWords(setting, question)}${mark}`,
      duration(waitMs.p50.value),
      duration(waitMs.p95.value),
      intervalText(waitMs.p95),
      percentText(latePercent.value),
      duration(answerMs.p95.value),
    ]
  })
}

/** The best, today's, slots and one more, some larger ones; the shortest wait first. */
function shownRows({ kinds, fleet }: Question, { ranking, best, todayRow }: Advice): Ranked[] {
  if (ranking === undefined) return []
  const isUniform = ({ setting: { prefetch } }: Ranked, value: number) => prefetch.every(one => one === value)
  const isSlots = ({ setting: { prefetch } }: Ranked, more: number) => prefetch.every((one, i) => one === kinds[fleet[i]!]!.slots + more)
  const wanted = ranking.rows.filter(
    row => row.setting === best || row === todayRow || isSlots(row, 0) || isSlots(row, 1) || SHOWN.some(value => isUniform(row, value)),
  )
  return wanted.toSorted((a, b) => a.outcome.waitMs.p95.value - b.outcome.waitMs.p95.value).slice(0, ROWS_MAX + 1)
}

export function loadLine(question: Question, { load, serviceMs, tokens }: Advice): string {
  const times = question.kinds.map(({ name }, kind) => `${name} ${duration(serviceMs[kind]!)}`).join(', ')
  const sizes = question.kinds.some(({ work }) => 'profile' in work)
    ? ` of ${figure(Math.round(tokens.prompt))} + ${figure(Math.round(tokens.answer))} tokens`
    : ''
  const can = `${fleetWords(question, question.fleet)} can do ${rateText(load.capacityPerSecond)}`
  const asked = load.share === undefined ? can : `${rateText(load.perSecond!)} arrive, ${loadPercent(100 * load.share)} of what ${can}`
  return `${asked}. A mean task${sizes} takes, alone: ${times}.`
}

const capital = (text: string) => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
