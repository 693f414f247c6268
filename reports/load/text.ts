import { generatorValues } from '#evidence/load-document'
import { MEASURES } from '#evidence/measures'
import type { LoadDocument, NoopResult, RateStep } from '../../loadtest/index.ts'
import { findingText, generatorText, verdictText } from '../finding-words.ts'
import { type Ink, plainInk } from '../ink.ts'
import { counted, quantity } from '../words.ts'
import { milliseconds } from './live.ts'
import { besideModel, clockedRows, loadLimitText, machineShareText, memoryTexts, spanText, unsteadyText } from './words.ts'

/** A load test for a terminal and for machines. Pure. */

const STYLES = { pass: 'green', fail: 'red', unknown: 'yellow' } as const
const ABOUT_WIDTH = 22
/** From here on seconds read better. */
const LONG_MS = 10_000

export function loadText(run: LoadDocument, folder: string, ink: Ink = plainInk): string {
  const { generator, noise, judgedShare } = run
  const unsteady = unsteadyText(run)
  const lines = [
    `${ink('bold', ink(STYLES[run.verdict], run.verdict.toUpperCase()))} ${ink('bold', run.workload)}: ${verdictText(run)}`,
    `  offered ${perSecond(run.offeredPerSecond)}, delivered ${perSecond(run.deliveredPerSecond)}; lost ${run.lost}, shown twice ${run.duplicates}${boundText(run)}`,
    ...clockedRows(run)
      .filter(
        ([name, { about }]) =>
          name !== 'sentToSeen' && name !== 'late' && !/^gap[A-Z]/.test(name) && !(name === 'answer' && about === run.latencyMs.about),
      )
      .map(([name, summary]) => row(name, summary)),
    ...run.thresholds.map(limit => `  ${ink(STYLES[limit.verdict], limit.verdict)} ${loadLimitText(limit, run.timeScale)}`),
    ...run.checks
      .filter(({ verdict }) => verdict !== 'pass')
      .map(check => `  ${ink(STYLES[check.verdict], check.verdict)} ${check.name}: ${findingText(check)}`),
    ...MEASURES.flatMap(({ name, label, unit, inSummary }) => {
      const value = run.measures[name]
      return inSummary === true && value !== undefined ? [`  ${label} ${quantity(value, unit)}`] : []
    }),
    ...besideModel(run).map(line => `  ${line}`),
    ...(unsteady === undefined ? [] : [`  ${ink('yellow', 'not steady: ')}${unsteady}`]),
    `  generator: ${run.generatorBound ? ink('yellow', 'the limit: ') : ''}${generatorText(generatorValues(run))}; ${counted(generator.threads, 'thread')}${machineShareText(generator)}`,
    `  others used ${noise.beforePercent.toFixed(0)} % of the machine before, ${noise.duringPercent.toFixed(0)} % during (${noise.worstPercent.toFixed(0)} % at worst), ${noise.afterPercent.toFixed(0)} % after`,
    `  ${run.checks.length === 0 ? 'single messages are not recorded' : judgedShare >= 1 ? 'every event was judged' : `${(100 * judgedShare).toFixed(1)} % of the conversations were judged, each with all its events`}; ${run.versions.broker}, ${run.taskQueueType} task queue, time scale ${run.timeScale}, ${run.runtime}`,
    `  parts: ${run.parts.map(({ name, cpuMs, rssMiB }) => `${name} ${(cpuMs / 1_000).toFixed(1)} s CPU, ${rssMiB} MiB`).join('; ')}`,
    ...[...memoryTexts(run)].map(([part, text]) => `  memory of ${part}: ${text}`),
    `  again: ${run.command}`,
    `  evidence: ${folder}`,
  ]
  return lines.join('\n')
}

function row(name: string, summary: LoadDocument['latencyMs']): string {
  const { p50, p95, p99, max, count } = summary
  const long = max >= LONG_MS
  const figures = [p50, p95, p99, max].map(ms => (long ? (ms / 1_000).toFixed(1) : milliseconds(ms))).join(' / ')
  return `  ${name.padEnd(ABOUT_WIDTH)} p50/p95/p99/max ${figures} ${long ? 's' : 'ms'}  (${count}; ${spanText(summary)})`
}

/** None in n says little of one in a million: what it does say. */
function boundText({ lost, duplicates, latencyMs, judgedShare, checks }: LoadDocument): string {
  const judged = Math.floor(latencyMs.count * judgedShare)
  if (lost + duplicates > 0 || checks.length === 0 || judged === 0) return ''
  return ` (none in ${judged}: with 95 % confidence fewer than one in ${Math.floor(1 / (1 - 0.05 ** (1 / judged)))})`
}

const perSecond = (rate: number) => `${rate >= 100 ? Math.round(rate) : rate.toFixed(1)}/s`

/** What `--json` prints: the whole document without its witnesses' rest, with its folder. */
export function resultOf({ latencyMs, storedMs, ...run }: LoadDocument, folder: string): object {
  return { ...run, detail: verdictText(run), folder, latencyMs, storedMs: storedMs ?? {} }
}

/** What the generator did against a node that does nothing. */
export function noopText(
  plan: { outstanding: number; users: number; threads: number },
  { perSecond: rate, latencyMs, busiestPercent, cpuMicrosecondsPerMessage }: NoopResult,
): string {
  return [
    `${Math.round(rate)} messages/s from the generator alone: ${plan.users} users, ${plan.outstanding} on their way, ${plan.threads} threads, through a node that does nothing`,
    row('seen', latencyMs),
    `  its busiest thread had ${busiestPercent.toFixed(0)} % of its time taken, ${cpuMicrosecondsPerMessage.toFixed(1)} us of CPU a message; beside a real node it has less of the machine`,
  ].join('\n')
}

export function searchText(workload: string, steps: readonly RateStep[], highest: number | undefined): string {
  const lines = steps.map(({ ratePerSecond, held, why }) => {
    const outcome = held === true ? 'held' : `${held === null ? 'says nothing' : 'did not hold'}: ${why}`
    return `  ${String(ratePerSecond).padStart(7)}/s ${outcome}`
  })
  const verdict =
    highest === undefined
      ? `${workload}: no rate was seen to hold`
      : `${workload}: ${highest}/s is the highest rate that was seen to hold, within a tenth`
  return [verdict, ...lines].join('\n')
}
