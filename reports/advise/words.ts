import { resolveSettings } from '#contracts/settings'
import { shellWord } from '#evidence/typed'
import type { Estimate } from '../../scenarios/predictor/advise/estimate.ts'
import type { Question } from '../../scenarios/predictor/advise/question.ts'
import type { Setting } from '../../scenarios/predictor/advise/trial.ts'
import { durationParts } from '../predict/text.ts'
import { figure } from '../words.ts'

/** Names of settings, and the lines that set them. Pure. */

const prefetchWord = (prefetch: number) => (prefetch === 0 ? 'unlimited' : String(prefetch))

/** `prefetch 1`, `prefetch 2 on rtx-4090, 1 on rx-7650-gre`. */
export function settingWords({ prefetch }: Setting, { kinds, fleet }: Pick<Question, 'kinds' | 'fleet'>): string {
  if (new Set(prefetch).size === 1) return `prefetch ${prefetchWord(prefetch[0]!)}`
  const perKind = kinds.map((_, kind) => [...new Set(prefetch.filter((_, i) => fleet[i] === kind))])
  if (perKind.some(values => values.length > 1)) return `prefetch ${prefetch.map(prefetchWord).join(', ')}`
  return `prefetch ${kinds.map(({ name }, kind) => `${prefetchWord(perKind[kind]![0]!)} on ${name}`).join(', ')}`
}

/** `11.2 to 11.9 s`. */
export function intervalText({ low, high }: Estimate): string {
  const [from, to] = [durationParts(low), durationParts(high)]
  return from.unit === to.unit ? `${from.figure} to ${to.figure}${to.unit}` : `${from.figure}${from.unit} to ${to.figure}${to.unit}`
}

export function percentText(percent: number): string {
  return percent === 0 ? '0 %' : percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`
}

/** `2 x rtx-4090, 1 x l4`. */
export function fleetWords({ kinds }: Pick<Question, 'kinds'>, fleet: readonly number[]): string {
  return kinds
    .map(({ name }, kind) => ({ name, count: fleet.filter(one => one === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} x ${name}`)
    .join(', ')
}

/** `0.5/s`, `2/min`. */
export const rateText = (perSecond: number) => (perSecond >= 0.1 ? `${figure(perSecond)}/s` : `${figure(60 * perSecond)}/min`)

/** Most GPUs of `lab:up`. */
const LAB_GPUS_MAX = 16

export interface SetLine {
  for: string
  line: string
}

/** What to type for a setting: the lab, then a client a line. */
export function setLines(setting: Setting, question: Question): SetLine[] {
  const { prefetch } = setting
  const alike = new Set(prefetch).size === 1
  const lab = labLine(setting, question)
  const own = alike ? [{ what: '', prefetch: prefetch[0]! }] : perWorker(prefetch, question)
  const after = (comment: string, what: string) => (what === '' ? '' : `  ${comment} ${what}`)
  const clients: [name: string, line: (prefetch: number, what: string) => string][] = [
    ['amqplib', (prefetch, what) => `channel.prefetch(${prefetch})${after('/'.repeat(2), what)}`],
    ['Spring', (prefetch, what) => `spring.rabbitmq.listener.simple.prefetch=${prefetch}${after('#', what)}`],
  ]
  return [
    ...clients.flatMap(([name, line]) => own.map(({ what, prefetch }) => ({ for: name, line: line(prefetch, what) }))),
    ...(lab === undefined ? [] : [{ for: 'the lab', line: lab }]),
  ]
}

function perWorker(prefetch: readonly number[], { kinds, fleet }: Question): { what: string; prefetch: number }[] {
  const named = prefetch.map((one, i) => ({ what: kinds[fleet[i]!]!.name, prefetch: one }))
  return [...new Map(named.map(each => [`${each.what} ${each.prefetch}`, each])).values()]
}

/** undefined: the lab has no such workers. */
function labLine({ prefetch }: Setting, { kinds, fleet, model }: Question): string | undefined {
  if (fleet.length > LAB_GPUS_MAX || kinds.some(({ work }) => 'meanMs' in work)) return undefined
  const gpus = fleet.map(kind => {
    const { name, slots } = kinds[kind]!
    const [base = name] = name.split(':')
    return slots === 1 ? base : `${base}:${slots}`
  })
  const alike = new Set(prefetch).size === 1
  const set = alike
    ? [`--set workerPrefetchTasks=${prefetch[0]}`]
    : prefetch.map((one, i) => `--set worker-${i + 1}:workerPrefetchTasks=${one}`)
  return [
    'npm run lab:up -- --gpus',
    shellWord(gpus.join(',')),
    ...set,
    ...(model === resolveSettings().model ? [] : [`--set model=${shellWord(model)}`]),
  ].join(' ')
}
