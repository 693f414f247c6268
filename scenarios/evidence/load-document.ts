import { z } from 'zod'
import { Finding, Reason, reason, type Values, Verdict } from './finding.ts'
import { ArmFacts } from './history.ts'
import { LATE_MAX_MS } from './noise.ts'
import { RunDocument } from './run-document.ts'

/** What a load test leaves as `run.json`. Keys are stable; more may come. Units in names. */

export const LOAD_SCHEMA_VERSION = 2

/** Milliseconds. */
export const LatencySummary = z.object({
  /** From where to where it runs: a code of `SPANS`; a sentence in older runs. */
  about: z.string(),
  /** Of what route it is: `GET /healthz`. */
  route: z.string().optional(),
  count: z.number(),
  mean: z.number(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
})
export type LatencySummary = z.infer<typeof LatencySummary>

/** One second of the measured part: what was due in it, and what ended in it. */
export const LoadSecond = z.object({
  /** From the start of measuring, 0 first. Seconds of the drain follow. */
  second: z.number(),
  /** Meant to be sent (open loop), or sent (closed loop). */
  offered: z.number(),
  /** Confirmed to their senders. */
  stored: z.number(),
  /** Seen by those they were for: messages, or answers. */
  delivered: z.number(),
  /** Refused or without outcome. */
  failed: z.number(),
  /** Of what was delivered in it, from the intended send. Null: nothing was. */
  latencyMs: z.object({ p50: z.number(), p99: z.number(), max: z.number() }).nullable(),
})
export type LoadSecond = z.infer<typeof LoadSecond>

/** A look at the memory of each part. */
export const MemoryLook = z.object({
  /** Since measuring began. Seconds. */
  second: z.number(),
  rssMiB: z.record(z.string(), z.number()),
})
export type MemoryLook = z.infer<typeof MemoryLook>

/** A limit and its value. `unknown`: generator or machine was the bottleneck. */
export const Threshold = z.object({
  /** A code: `seen-in-time`. */
  name: z.string(),
  /** Key of `measures`, or `latencyMs.p99` and the like. */
  measure: z.string(),
  bound: z.enum(['at-most', 'at-least']),
  limit: z.number(),
  value: z.number(),
  verdict: Verdict,
})
export type Threshold = z.infer<typeof Threshold>

/** The rows of a trace in a load. */
export const LoadTrace = z.object({
  file: z.string(),
  rows: z.number(),
  /** What its gaps were multiplied by, before the time scale. */
  stretch: z.number(),
  /** Prompts longer than this: how they were taken, and how many there were. */
  tooLong: z.object({ how: z.enum(['skip', 'cut', 'keep']), rows: z.number(), promptTokensMax: z.number() }),
})
export type LoadTrace = z.infer<typeof LoadTrace>

export const LoadDocument = z.object({
  schemaVersion: z.literal(LOAD_SCHEMA_VERSION),
  kind: z.literal('load'),
  workload: z.string(),
  engine: z.enum(['built-in', 'k6', 'autocannon']),
  verdict: Verdict,
  why: Reason,
  seed: z.number(),
  runtime: z.string(),
  startedAt: RunDocument.shape.startedAt,
  tookMs: z.number(),
  /** What replays it. */
  command: z.string(),
  versions: RunDocument.shape.versions,
  commit: RunDocument.shape.commit,
  machine: RunDocument.shape.machine,
  /** The workload as data: who, how many, rate, mix, sizes, warm-up, duration. */
  plan: z.record(z.string(), z.unknown()),
  design: z.string(),
  timeScale: z.number(),
  taskQueueType: z.string(),
  /** Settings of the lab that were asked for. */
  set: z.record(z.string(), z.unknown()),
  /** Facts that its checks need, to judge the history again. Null where there is none. */
  facts: ArmFacts.nullable(),
  checks: z.array(Finding),
  /** Share of the conversations whose events were judged; 1 = every event. */
  judgedShare: z.number(),
  thresholds: z.array(Threshold),
  offeredPerSecond: z.number(),
  deliveredPerSecond: z.number(),
  /** Intended send -> seen by the recipient (chat) or the answer seen (bot). */
  latencyMs: LatencySummary,
  /** Intended send -> `stored`. */
  storedMs: LatencySummary.nullable(),
  /** Others by name: ttft, tpot, connect … */
  latencies: z.record(z.string(), LatencySummary),
  measures: z.record(z.string(), z.number()),
  lost: z.number(),
  duplicates: z.number(),
  perSecond: z.array(LoadSecond),
  /** The generator was the limit: its figures say nothing of the system. */
  generatorBound: z.boolean(),
  generator: z.object({
    threads: z.number(),
    /** How much later than meant the latest hundredth was sent. */
    lateP99Ms: z.number(),
    /** Of one core, of the busiest thread. */
    cpuPercent: z.number(),
    /** CPU of all its threads while it measured, and the share of the machine that this is. */
    cpuMs: z.number().optional(),
    machinePercent: z.number().optional(),
    /** Why it is the limit, or its reference. */
    because: z.string(),
  }),
  /** CPU of others, percent of the machine. */
  noise: z.object({ beforePercent: z.number(), duringPercent: z.number(), worstPercent: z.number(), afterPercent: z.number() }),
  parts: z.array(z.object({ name: z.string(), kind: z.string(), cpuMs: z.number(), rssMiB: z.number() })),
  /** While it measured; of tests that last a minute or longer. */
  memory: z.array(MemoryLook).optional(),
  events: z.number(),
  /** Bot: what the model says of the same prompts, with the gap between two inferences that this
   *  run had. Wall milliseconds, from the intended send to the start of the inference. */
  model: z
    .object({
      prompts: z.number(),
      gapMs: z.number(),
      /** Offered work as a share of capacity with that gap. */
      loadWithGap: z.number().nullable(),
      idealWaitP95Ms: z.number(),
      predictedWaitP95Ms: z.number(),
      predictedLowMs: z.number(),
      predictedHighMs: z.number(),
      measuredWaitP95Ms: z.number(),
    })
    .optional(),
  /** Where its prompts came from. */
  trace: LoadTrace.optional(),
})
export type LoadDocument = z.infer<typeof LoadDocument>

/** What was seen of a generator. */
export type GeneratorCode = 'late' | 'busy' | 'kept-up' | 'late-beside-latency' | 'only-late-known'

/** Beyond this a thread has no time left to be on time. Percent of its event loop. */
export const GENERATOR_BUSY_MAX_PERCENT = 90

/** Above it a generator on the machine under test takes a good part of what that could do. */
export const GENERATOR_MACHINE_LARGE_PERCENT = 10

/** What is known of a generator, with what is allowed. */
export function generatorValues({ generator, latencyMs }: Generated): Values {
  const { because, lateP99Ms, cpuPercent } = generator
  const allowed = { lateMaxMs: LATE_MAX_MS, cpuMaxPercent: GENERATOR_BUSY_MAX_PERCENT }
  return { because, lateP99Ms, cpuPercent, ...allowed, latencyP99Ms: latencyMs.p99 }
}

interface Generated {
  generator: Omit<LoadDocument['generator'], 'threads'>
  latencyMs: Pick<LatencySummary, 'p99'>
}

export const generatorBound = (of: Generated): Reason => reason('generator-bound', generatorValues(of))
