/** Each figure of a run once: name, unit, which way is better. Pure. */

export type Unit = 'ms' | 'us' | 'percent' | 'number' | 'perSecond' | 'times'

export interface Measure {
  /** Stable key, unit last. */
  name: string
  label: string
  unit: Unit
  /** Default: neither way. */
  better?: 'lower' | 'higher'
  /** The same figure of the ideal schedule, by name. */
  ideal?: string
  /** There is one for each worker: `shareOfWorkerFastPercent`. */
  perWorker?: boolean
  /** Assumed spread between seeds (of the logarithm). Without it the measure is not compared. */
  allowance?: number
  /** What it counts, or from where to where it runs. */
  about?: string
}

const WAIT = 'from asking until the answer begins; a prompt that never began waited until the arm ended'
const DELIVERY = 'from the intended send until a device of the addressee shows the message'
const STORED = 'from the intended send until stored'

/** In the order in which they are shown. */
export const MEASURES: readonly Measure[] = [
  { name: 'waitP95Ms', label: 'p95 wait', unit: 'ms', better: 'lower', ideal: 'idealWaitP95Ms', allowance: 0.45, about: WAIT },
  { name: 'waitP50Ms', label: 'median wait', unit: 'ms', better: 'lower', allowance: 0.4, about: WAIT },
  { name: 'waitMaxMs', label: 'longest wait', unit: 'ms', better: 'lower' },
  {
    name: 'waitOverIdeal',
    label: 'p95 wait over ideal',
    unit: 'times',
    better: 'lower',
    allowance: 0.4,
    about: 'p95 wait divided by that of the ideal schedule of the same prompts and GPUs',
  },
  {
    name: 'answersPerBusySecond',
    label: 'starts per busy second',
    unit: 'perSecond',
    better: 'higher',
    allowance: 0.15,
    about: 'inferences begun per second of the time in which somebody waited',
  },
  { name: 'makespanMs', label: 'all done after', unit: 'ms', better: 'lower', ideal: 'idealMakespanMs' },
  { name: 'excessOvertakes', label: 'overtaken beyond ideal', unit: 'number', better: 'lower' },
  { name: 'overtakenP95Ms', label: 'p95 overtaken for', unit: 'ms', better: 'lower' },
  { name: 'maxOvertakes', label: 'overtaken most, by', unit: 'number', better: 'lower' },
  { name: 'tau', label: 'order kept (tau)', unit: 'number', better: 'higher' },
  { name: 'strandedHoardingPercent', label: 'idle by hoarding', unit: 'percent', better: 'lower' },
  { name: 'strandedRoundTripPercent', label: 'idle by round trip', unit: 'percent', better: 'lower' },
  { name: 'gapP50Ms', label: 'hand-over, median', unit: 'ms', better: 'lower' },
  { name: 'gapMeanMs', label: 'hand-over, mean', unit: 'ms', better: 'lower' },
  { name: 'sentLateP99Ms', label: 'p99 sent late by', unit: 'ms', better: 'lower' },
  { name: 'rawDuplicates', label: 'raw duplicates', unit: 'number', better: 'lower' },
  { name: 'gapsAsked', label: 'gaps asked for', unit: 'number' },
  { name: 'shareOfWorkerPercent', label: 'share of', unit: 'percent', perWorker: true },
  { name: 'deliveryP50Ms', label: 'median delivery', unit: 'ms', better: 'lower', allowance: 0.2, about: DELIVERY },
  { name: 'deliveryP95Ms', label: 'p95 delivery', unit: 'ms', better: 'lower', allowance: 0.4, about: DELIVERY },
  { name: 'latencyP50Ms', label: 'p50 latency', unit: 'ms', better: 'lower', allowance: 0.2 },
  { name: 'latencyP99Ms', label: 'p99 latency', unit: 'ms', better: 'lower', allowance: 0.35 },
  { name: 'storedP50Ms', label: 'p50 until stored', unit: 'ms', better: 'lower', allowance: 0.2, about: STORED },
  { name: 'storedP99Ms', label: 'p99 until stored', unit: 'ms', better: 'lower', allowance: 0.35, about: STORED },
  {
    name: 'deliveredPerSecond',
    label: 'delivered',
    unit: 'perSecond',
    better: 'higher',
    allowance: 0.15,
    about: 'seen by their addressees, per measured second',
  },
  {
    name: 'cpuPerMessageUs',
    label: 'CPU per message',
    unit: 'us',
    better: 'lower',
    allowance: 0.15,
    about: 'CPU time of all parts together, divided by what was delivered',
  },
]

const SHARE = /^shareOf(.+)Percent$/

/** The row of a measure, of a worker's share too; undefined of what nobody reads. */
export function measureNamed(name: string): Measure | undefined {
  const share = SHARE.exec(name)?.[1]
  if (share === undefined) return MEASURES.find(measure => measure.name === name)
  const worker = share.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`)
  return { name, label: `share of ${worker}`, unit: 'percent', perWorker: true }
}
