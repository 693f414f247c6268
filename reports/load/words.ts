import {
  GENERATOR_MACHINE_LARGE_PERCENT,
  generatorValues,
  type LatencySummary,
  type LoadDocument,
  type LoadTrace,
  type Threshold,
} from '#evidence/load-document'
import { measureNamed, SPANS } from '#evidence/measures'
import { FOREIGN_CPU_MAX_PERCENT } from '#evidence/noise'
import { memoryTrends, trendOf } from '../../loadtest/index.ts'
import { codeWords, generatorText } from '../finding-words.ts'
import { type Caveat, oneRun } from '../limits-of-run.ts'
import { agreementText } from '../model/agreement.ts'
import { unfilledNotes } from '../model/unfilled.ts'
import { duration } from '../predict/text.ts'
import { tooLongText } from '../replay/too-long.ts'
import { counted, figure, quantity, sentence } from '../words.ts'

/** The words of a load test's report, the same in all its renderings. Pure. */

/** How much was offered, and the result. */
export function offeredText({ offeredPerSecond, deliveredPerSecond, lost, duplicates }: LoadDocument): string {
  return `${figure(offeredPerSecond)} offered a second, ${figure(deliveredPerSecond)} delivered; ${lost} lost, ${counted(duplicates, 'visible duplicate')}.`
}

export function latencyText({ latencyMs, timeScale }: LoadDocument): string {
  const figures = ({ p50, p99, max }: LatencySummary) => `p50 ${duration(p50)}, p99 ${duration(p99)}, longest ${duration(max)}`
  const [gpuTime, onTheWall] = onBothClocks(latencyMs, timeScale)
  const both = onTheWall === undefined ? figures(gpuTime) : `${figures(gpuTime)} of GPU time (on the wall ${figures(onTheWall)})`
  return `${both}: ${spanText(latencyMs)}.`
}

/** Spans that the GPUs decide: a time scale divides them. */
const OF_GPUS: readonly (keyof typeof SPANS)[] = ['due-to-answered', 'due-to-begun', 'due-to-inferred', 'token-to-token']

/** In GPU time, then as they passed; once where the clocks do not differ. */
function onBothClocks(summary: LatencySummary, timeScale: number): [LatencySummary, LatencySummary?] {
  if (timeScale === 1 || !OF_GPUS.some(span => span === summary.about)) return [summary]
  const times = ({ mean, p50, p90, p95, p99, max }: LatencySummary) => ({ mean, p50, p90, p95, p99, max })
  const scaled = Object.fromEntries(Object.entries(times(summary)).map(([rank, ms]) => [rank, ms * timeScale])) as ReturnType<typeof times>
  return [{ ...summary, ...scaled }, summary]
}

/** From where to where; an older lab wrote a sentence. */
export function spanText({ about, route }: Pick<LatencySummary, 'about' | 'route'>): string {
  const span = new Map<string, string>(Object.entries(SPANS)).get(about) ?? about
  return route === undefined ? span : `${route}: ${span}`
}

/** Every latency by its name. */
function latencyRows({ latencyMs, storedMs, latencies }: LoadDocument): [string, LatencySummary][] {
  return [
    ['seen', latencyMs],
    ...(storedMs === null ? [] : [['stored', storedMs] as [string, LatencySummary]]),
    ...Object.entries(latencies),
  ]
}

/** For a person: what GPUs decide has a row in GPU time before the one as it passed. */
export function clockedRows(load: LoadDocument): [string, LatencySummary][] {
  return latencyRows(load).flatMap(([name, summary]): [string, LatencySummary][] => {
    const [gpuTime, onTheWall] = onBothClocks(summary, load.timeScale)
    return onTheWall === undefined
      ? [[name, gpuTime]]
      : [
          [`${name}, GPU time`, gpuTime],
          [`${name}, on the wall`, onTheWall],
        ]
  })
}

/** Settings one by one, those within others too: `traffic 1: users`. */
export function flatSettings(of: object, prefix = ''): [string, string][] {
  return Object.entries(of).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    const whole = Array.isArray(of) ? `${prefix}${Number(name) + 1}: ` : `${prefix}${name}`
    if (typeof value !== 'object' || value === null) return [[whole.replace(/: $/, ''), String(value)]]
    return Object.keys(value).length === 0 ? [] : flatSettings(value, `${whole.replace(/: $/, '')}${Array.isArray(value) ? ' ' : ': '}`)
  })
}

function thresholdValue(value: number, { measure }: Pick<Threshold, 'measure'>): string {
  return quantity(value, measureNamed(measure)?.unit ?? 'number')
}

function boundText(threshold: Threshold): string {
  return `${codeWords(threshold.bound)} ${thresholdValue(threshold.limit, threshold)}`
}

export function loadLimitText(limit: Threshold, timeScale: number): string {
  const measure = measureNamed(limit.measure)?.label ?? limit.measure
  return `${codeWords(limit.name)}: ${measure} ${limitTexts(limit, timeScale).join(', ')}`
}

/** Where the prompts came from, and what the model says of them; lines, none for other loads. */
export function besideModel({ trace, model, timeScale, noise, facts, workload }: LoadDocument): string[] {
  return [
    ...(workload === 'bot' ? unfilledNotes(facts?.workers ?? []) : []),
    ...(trace === undefined ? [] : [traceText(trace)]),
    ...(model === undefined
      ? []
      : [
          agreementText({
            measuredP95Ms: model.measuredWaitP95Ms,
            predictedP95Ms: model.predictedWaitP95Ms,
            lowMs: model.predictedLowMs,
            highMs: model.predictedHighMs,
            idealP95Ms: model.idealWaitP95Ms,
            gapMs: model.gapMs,
            loadWithGap: model.loadWithGap,
            timeScale,
            foreignWorstPercent: noise.worstPercent,
          }),
        ]),
  ]
}

/** Before a load, and in its report. */
export function traceText({ file, rows, stretch, tooLong }: LoadTrace): string {
  const gaps = stretch === 1 ? '' : `, its gaps x ${figure(stretch)} before the time scale`
  return `${counted(rows, 'prompt')} of ${file}${gaps}; ${tooLongText(tooLong)}`
}

/** What was measured and what is allowed, in GPU time first where GPUs decide it. */
export function limitTexts(limit: Threshold, timeScale: number): [value: string, bound: string] {
  const [value, bound] = [thresholdValue(limit.value, limit), boundText(limit)]
  if (timeScale === 1 || !GPU_LIMITS.includes(limit.measure)) return [value, bound]
  const scaled = { ...limit, limit: limit.limit * timeScale }
  return [
    `${thresholdValue(limit.value * timeScale, limit)} of GPU time (${value} on the wall)`,
    `${boundText(scaled)} (${thresholdValue(limit.limit, limit)})`,
  ]
}

const GPU_LIMITS: readonly string[] = ['ttftP95Ms']

/** Microseconds of CPU per message that was delivered; undefined where none was. */
export function cpuPerMessageUs({ perSecond }: Pick<LoadDocument, 'perSecond'>, cpuMs: number): number | undefined {
  const count = perSecond.reduce((sum, { delivered }) => sum + delivered, 0)
  return count === 0 ? undefined : (1_000 * cpuMs) / count
}

/** What of the machine the generator took, and what that means; nothing where it is not known. */
export function machineShareText({ machinePercent }: LoadDocument['generator']): string {
  if (machinePercent === undefined) return ''
  const large = machinePercent > GENERATOR_MACHINE_LARGE_PERCENT
  return `; it used ${machinePercent.toFixed(0)} % of the machine${large ? ', so without it the ceiling is higher' : ''}`
}

/** Is the figure the system's, or the generator's and the machine's? */
export function honestyOf(load: LoadDocument): Caveat[] {
  const { generatorBound, generator, noise, judgedShare, events } = load
  const loud = noise.duringPercent > FOREIGN_CPU_MAX_PERCENT
  const unsteady = unsteadyText(load)
  return [
    {
      what: generatorBound ? 'The generator was the limit.' : 'The generator kept up.',
      why: `${counted(generator.threads, 'thread')}: ${generatorText(generatorValues(load))}${machineShareText(generator)}.${generatorBound ? ' Its figures say nothing of the system.' : ''}`,
    },
    {
      what: loud ? 'The machine was too noisy.' : "Others' CPU.",
      why: `Others used ${noise.beforePercent.toFixed(0)} % of the machine before, ${noise.duringPercent.toFixed(0)} % while it ran (${noise.worstPercent.toFixed(0)} % in the worst second) and ${noise.afterPercent.toFixed(0)} % afterwards. Above ${FOREIGN_CPU_MAX_PERCENT} % a breach of a limit in time proves nothing.`,
    },
    ...(unsteady === undefined ? [] : [{ what: 'It was not steady.', why: sentence(unsteady) }]),
    events === 0
      ? {
          what: 'No single event was recorded.',
          why: 'What was lost, doubled or out of order was not looked for: this engine keeps its own figures alone.',
        }
      : {
          what: judgedShare === 1 ? 'Every event was judged.' : `${(100 * judgedShare).toFixed(0)} % of the conversations were judged.`,
          why: `${events} events recorded.${judgedShare === 1 ? '' : ' What was lost, doubled or out of order in the others was not looked for.'}`,
        },
  ]
}

/** What a latency that moved means; undefined if steady or unknown. */
/** How each part's memory went while the load stayed the same; empty for a short test. */
export function memoryTexts({ memory = [] }: Pick<LoadDocument, 'memory'>): Map<string, string> {
  return new Map(
    memoryTrends(memory).map(({ part, slope, interval: [low, high], firstMiB, lastMiB }) => {
      const range = `${signed(slope)} MiB a minute (95 %: ${signed(low)} to ${signed(high)}), ${firstMiB.toFixed(0)} to ${lastMiB.toFixed(0)} MiB`
      return [part, `${low > 0 ? 'grew' : high < 0 ? 'shrank' : 'flat'}, ${range}`]
    }),
  )
}

const signed = (mib: number) => `${mib < 0 ? '-' : '+'}${Math.abs(mib).toFixed(2)}`

export function unsteadyText(load: Pick<LoadDocument, 'perSecond'>): string | undefined {
  const trend = trendOf(load)
  if (trend === undefined || trend.steady) return undefined
  const grew = trend.lastMs > trend.firstMs
  const [from, to] = [duration(trend.firstMs), duration(trend.lastMs)]
  const went = `the median latency ${grew ? 'grew' : 'fell'} from ${from} in the first third to ${to} in the last`
  return grew ? `${went}; this rate may not hold for longer` : `${went}: it was still warming up; give it a longer --warm-up`
}

export function loadLimits({ machine, timeScale, versions, taskQueueType, latencyMs }: LoadDocument): Caveat[] {
  return [
    {
      what: `Single host, ${machine.cores} cores, generator co-located.`,
      why: 'Broker, database, IM nodes, workers, GPUs and the generator share them: ratios between settings, not a capacity promise. Absolute times drift by tens of per cent from run to run.',
    },
    {
      what: 'Latency runs from the intended send.',
      why: `${sentence(spanText(latencyMs))} A generator that is late makes no wait shorter.`,
    },
    ...(timeScale === 1
      ? []
      : [{ what: `Time scale ${timeScale}.`, why: `GPU times are divided by ${timeScale} and nothing else: round trips are real.` }]),
    {
      what: 'Of this broker.',
      why: `${versions.broker}, task queue ${taskQueueType}, ${versions.database}; another version or queue type has other figures.`,
    },
    oneRun(),
  ]
}
