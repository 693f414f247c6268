/** Each figure of a run once: name, unit, which way is better. Pure. */

export type Unit = 'ms' | 'us' | 'percent' | 'number' | 'perSecond' | 'times' | 'kibibytes'

export interface Measure {
  /** Stable key, unit last. */
  name: string
  label: string
  unit: Unit
  /** Default: lower is better. */
  better?: 'higher'
  /** The same figure of the ideal schedule, by name. */
  ideal?: string
  /** Its length follows from the GPUs' times, so that a time scale divides it. */
  ofGpus?: true
  /** It says nothing of what never came: 95 of a p95. */
  percentile?: number
  /** The summary of a load test names it. */
  inSummary?: boolean
  /** Assumed spread between seeds (of the logarithm). Without it the measure is not compared. */
  allowance?: number
  /** What it counts, or from where to where it runs. */
  about?: string
}

const WAIT = 'from asking until the answer begins; a prompt that never began waited until the arm ended'
const OVER_IDEAL = 'p95 wait divided by that of the ideal schedule of the same prompts and GPUs'
const BUSY = 'inferences begun per second of the time in which somebody waited'
const DELIVERED = 'seen by their addressees, per measured second'
const CPU = 'CPU time of all parts together, divided by what was delivered'
const SEEN = 'from asking until the whole answer is seen'
const TOLD = 'from the intended send until the sender hears anything: stored, refused, or to be tried again'
const DELIVERY = 'from the intended send until a device of the addressee shows the message'

/** From where to where the latencies of a load test run, by the code that documents keep. */
export const SPANS = {
  'due-to-seen': 'from the intended send until the recipient sees it',
  'due-to-answered': 'from the intended send until the asker sees the whole answer',
  'due-to-stored': 'from the intended send until it is stored',
  'due-to-sent': 'from the intended send to the actual one: the delay of the generator',
  'due-to-begun': 'from the intended send until the asker sees the first piece of the answer',
  'due-to-inferred': 'from the intended send until its inference begins',
  'sent-to-seen': 'from the actual send until the recipient sees it',
  'token-to-token': 'from the first piece of the answer until the asker sees all of it, by token after the first',
  'offline-to-online': 'from the moment a device goes offline until it is online again',
  'login-to-ready': 'from login until the node is ready for it, fifty at a time by thread',
  'request-to-answer': 'from the request over HTTP to its answer, closed loop; good answers alone',
  'ended-to-answered': 'from the end of an inference until its worker has the whole answer',
  'ended-to-saved': 'from the end of an inference until its answer is saved',
  'ended-to-confirmed': 'from the end of an inference until its answer is published and confirmed',
  'ended-to-delivered': 'from the end of an inference until the next task is delivered to its worker',
  'ended-to-counted': 'from the end of an inference until the attempt of the next one is counted',
  'ended-to-next': 'from the end of an inference until the next one of its worker begins, somebody waiting',
} as const
export type Span = keyof typeof SPANS

/** What happens in a gap between two inferences, in its order; the last one is the gap. */
export const GAP_STEPS = [
  { name: 'gapAnswered', span: 'ended-to-answered' },
  { name: 'gapSaved', span: 'ended-to-saved' },
  { name: 'gapConfirmed', span: 'ended-to-confirmed' },
  { name: 'gapDelivered', span: 'ended-to-delivered' },
  { name: 'gapCounted', span: 'ended-to-counted' },
  { name: 'gap', span: 'ended-to-next' },
] as const satisfies { name: string; span: Span }[]

/** The percentiles of a latency that a load test keeps among its measures. */
export function ranksOf(name: string, label: string, span?: Span, allowances: Partial<Record<number, number>> = {}): Measure[] {
  return [50, 95, 99].map(percentile => ({
    name: `${name}P${percentile}Ms`,
    label: `p${percentile} ${label}`,
    unit: 'ms',
    percentile,
    ...(span === undefined ? {} : { about: SPANS[span] }),
    ...(allowances[percentile] === undefined ? {} : { allowance: allowances[percentile] }),
  }))
}

/** In the order in which they are shown. */
export const MEASURES: readonly Measure[] = [
  { name: 'waitP95Ms', label: 'p95 wait', unit: 'ms', ofGpus: true, ideal: 'idealWaitP95Ms', allowance: 0.45, about: WAIT },
  { name: 'waitP50Ms', label: 'median wait', unit: 'ms', ofGpus: true, allowance: 0.4, about: WAIT },
  { name: 'waitMaxMs', label: 'longest wait', unit: 'ms', ofGpus: true },
  { name: 'heldMaxMs', label: 'held longest by a worker', unit: 'ms', ofGpus: true },
  { name: 'promptsUnserved', label: 'prompts without an answer', unit: 'number' },
  { name: 'endP95Ms', label: 'p95 until the answer ends', unit: 'ms', ofGpus: true, about: 'from asking until the last token' },
  { name: 'waitMeanMs', label: 'mean wait', unit: 'ms', ofGpus: true, about: WAIT },
  { name: 'answeredMeanMs', label: 'mean until answered', unit: 'ms', ofGpus: true, about: 'from asking until the inference ends' },
  { name: 'serverMeanMs', label: 'mean at the server', unit: 'ms', ofGpus: true, about: 'from the request to the end of the answer' },
  { name: 'seenP50Ms', label: 'median until seen', unit: 'ms', ofGpus: true, about: SEEN },
  { name: 'seenP95Ms', label: 'p95 until seen', unit: 'ms', ofGpus: true, about: SEEN },
  { name: 'allSeenMs', label: 'all seen after', unit: 'ms', ofGpus: true },
  ...ranksOf('untilStored', 'until stored', 'due-to-stored'),
  { name: 'untilStoredMaxMs', label: 'longest until stored', unit: 'ms', about: SPANS['due-to-stored'] },
  { name: 'untilToldMaxMs', label: 'longest without a word', unit: 'ms', about: TOLD },
  { name: 'waitOverIdeal', label: 'p95 wait over ideal', unit: 'times', allowance: 0.4, about: OVER_IDEAL },
  { name: 'answersPerBusySecond', label: 'starts per busy second', unit: 'perSecond', better: 'higher', allowance: 0.15, about: BUSY },
  { name: 'makespanMs', label: 'all done after', unit: 'ms', ofGpus: true, ideal: 'idealMakespanMs' },
  { name: 'excessOvertakes', label: 'overtaken beyond ideal', unit: 'number' },
  { name: 'overtakenP95Ms', label: 'p95 overtaken for', unit: 'ms', ofGpus: true },
  { name: 'maxOvertakes', label: 'overtaken most, by', unit: 'number' },
  { name: 'tau', label: 'order kept (tau)', unit: 'number', better: 'higher' },
  { name: 'strandedHoardingPercent', label: 'idle by hoarding', unit: 'percent' },
  { name: 'strandedRoundTripPercent', label: 'idle by round trip', unit: 'percent' },
  {
    name: 'spentTwiceMs',
    label: 'GPU time spent twice',
    unit: 'ms',
    ofGpus: true,
    about: 'inferences of a task while or after another one answered it',
  },
  { name: 'gapP50Ms', label: 'median gap', unit: 'ms' },
  { name: 'gapMeanMs', label: 'mean gap', unit: 'ms' },
  { name: 'sentLateP99Ms', label: 'p99 sent late by', unit: 'ms' },
  { name: 'rawDuplicates', label: 'raw duplicates', unit: 'number' },
  { name: 'gapsAsked', label: 'missing messages asked for', unit: 'number' },
  { name: 'deliveryP50Ms', label: 'median delivery', unit: 'ms', allowance: 0.2, about: DELIVERY },
  { name: 'deliveryP95Ms', label: 'p95 delivery', unit: 'ms', allowance: 0.4, about: DELIVERY },
  ...ranksOf('latency', 'latency', undefined, { 50: 0.2, 99: 0.35 }),
  ...ranksOf('stored', 'until stored', 'due-to-stored', { 50: 0.2, 99: 0.35 }),
  { name: 'deliveredPerSecond', label: 'delivered', unit: 'perSecond', better: 'higher', allowance: 0.15, about: DELIVERED },
  { name: 'cpuPerMessageUs', label: 'CPU per message', unit: 'us', allowance: 0.15, about: CPU },
  { name: 'cpuMicrosecondsPerMessage', label: 'CPU per message', unit: 'us', inSummary: true },
  { name: 'generatorMicrosecondsPerMessage', label: 'CPU of the generator per message', unit: 'us', inSummary: true },
  { name: 'latencyMs.p99', label: 'p99 latency', unit: 'ms', percentile: 99, about: 'as k6 names its limit' },
  ...ranksOf('sentToSeen', 'from the actual send', 'sent-to-seen'),
  ...ranksOf('late', 'send delay', 'due-to-sent'),
  ...ranksOf('ttft', 'until the answer begins', 'due-to-begun'),
  ...ranksOf('tpot', 'per token', 'token-to-token'),
  ...ranksOf('answer', 'until the whole answer', 'due-to-answered'),
  ...ranksOf('gpuWait', 'wait for a GPU', 'due-to-inferred'),
  ...ranksOf('reconnect', 'until reconnected', 'offline-to-online'),
  ...ranksOf('connect', 'to connect', 'login-to-ready'),
  ...ranksOf('chatAlone', 'of chat alone'),
  ...ranksOf('chatBesideBot', 'of chat beside the bot'),
  { name: 'chatSlowedByBotP50Ratio', label: 'p50 of chat beside the bot over alone', unit: 'times', inSummary: true },
  { name: 'chatSlowedByBotP99Ratio', label: 'p99 of chat beside the bot over alone', unit: 'times', inSummary: true },
  { name: 'deliveredPercent', label: 'delivered', unit: 'percent', better: 'higher' },
  {
    name: 'goodputPerSecond',
    label: 'goodput',
    unit: 'perSecond',
    better: 'higher',
    inSummary: true,
    about: 'answers within their limits',
  },
  {
    name: 'goodputPercent',
    label: 'goodput',
    unit: 'percent',
    better: 'higher',
    inSummary: true,
    about: 'share of answers within their limits',
  },
  { name: 'connectsPerSecond', label: 'connections made', unit: 'perSecond', better: 'higher', inSummary: true },
  { name: 'nodeKibibytesPerConnection', label: 'memory of a node per connection', unit: 'kibibytes', inSummary: true },
  { name: 'nodeCpuMicrosecondsPerConnect', label: 'CPU of a node per connect', unit: 'us', inSummary: true },
]

const byName = new Map(MEASURES.map(measure => [measure.name, measure]))

/** The row of a measure; undefined of others. @param worker whose share it may be */
export function measureNamed(name: string, worker?: string): Measure | undefined {
  const share = worker === undefined ? undefined : shareOf(worker)
  return share?.name === name ? share : byName.get(name)
}

/** A worker's share of the starts: `worker-fast` -> `shareOfWorkerFastPercent`. */
export function shareOf(worker: string): Measure {
  const name = worker.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
  return { name: `shareOf${name}Percent`, label: `share of ${worker}`, unit: 'percent' }
}
