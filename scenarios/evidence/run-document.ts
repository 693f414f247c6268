import { z } from 'zod'
import { Asked } from './asked.ts'
import { Finding, Reason, Verdict } from './finding.ts'
import { ArmFacts, HistoryEvent } from './history.ts'
import { eventOfVersion1 } from './store/version-1.ts'

/** What a scenario run leaves as `run.json`: all that reports show and `npm run check` judges
 *  again. Keys are stable; more may come. Units in names. */

export const RUN_SCHEMA_VERSION = 2

/** A predicted measure and the band that was stated before the run. */
const Predicted = z.object({ value: z.number(), low: z.number(), high: z.number() })

export const ArmDocument = z.object({
  name: z.string(),
  role: z.enum(['claim', 'control']),
  /** `NAME=VALUE` each, where a user changed the arm: it is judged as a claim. */
  changed: z.array(z.string()).optional(),
  verdict: z.enum(['pass', 'fail', 'unknown', 'broke']),
  why: Reason,
  /** Controls: the check that must fail, those that may fail with it, and why. */
  breaks: z.string().optional(),
  mayBreak: z.array(z.string()).optional(),
  because: z.string().optional(),
  /** The broker's own words: product and version. Absent: an older lab did not write it down. */
  broker: z.string().optional(),
  /** Generation of RabbitMQ, where the arm asks for one. */
  generation: z.enum(['3.10', '4.0', '4.3']).optional(),
  /** Settings in which this arm differs, as asked for. */
  set: z.record(z.string(), z.unknown()),
  partSettings: z.record(z.string(), z.record(z.string(), z.unknown())),
  parameters: z.record(z.string(), z.unknown()),
  /** GPUs by name, with their profile; `url`: a real model server, whose profile is its address. */
  gpus: z.array(z.object({ name: z.string(), profile: z.string(), url: z.string().optional() })),
  timeScale: z.number(),
  taskQueueType: z.string(),
  facts: ArmFacts,
  checks: z.array(Finding),
  measures: z.record(z.string(), z.number()),
  predicted: z.record(z.string(), Predicted),
  /** CPU of others while it ran, mean and worst second, percent of the machine. */
  foreignCpuPercent: z.object({ mean: z.number(), worst: z.number() }),
  events: z.number(),
  tookMs: z.number(),
})
export type ArmDocument = z.infer<typeof ArmDocument>

/** A broker of the user's. */
const OwnBroker = z.object({
  /** Without password. */
  url: z.string(),
  product: z.string(),
  version: z.string(),
  /** Those that are on; null: not seen. */
  featureFlags: z.array(z.string()).nullable(),
})
export type OwnBroker = z.infer<typeof OwnBroker>

export const RunDocument = z.object({
  schemaVersion: z.literal(RUN_SCHEMA_VERSION),
  scenario: z.string(),
  claim: z.string(),
  seed: z.number(),
  size: z.enum(['quick', 'full']),
  runtime: z.string(),
  verdict: Verdict,
  /** ISO 8601. */
  startedAt: z.string(),
  tookMs: z.number(),
  /** What replays it. */
  command: z.string(),
  /** What was asked for beyond the scenario's own arms. */
  asked: Asked.optional(),
  versions: z.object({ lab: z.string(), node: z.string(), broker: z.string(), database: z.string(), ownBroker: OwnBroker.optional() }),
  /** Commit of the lab, and whether its tree had changes. */
  commit: z.object({ id: z.string(), dirty: z.boolean() }),
  machine: z.object({ cpu: z.string(), cores: z.number(), memoryGiB: z.number(), system: z.string() }),
  arms: z.array(ArmDocument),
})
export type RunDocument = z.infer<typeof RunDocument>

/** A schema error's first issue with its path, or any other error's message. */
export function firstIssue(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : String(error)
  const [issue, ...others] = error.issues
  const more = others.length === 0 ? '' : ` (and ${others.length} more like it)`
  return `${issue?.path.join('.') || 'its top'}: ${issue?.message}${more}`
}

/** Each arm's history from `history.jsonl`. Throws with the number of the bad line. */
export function parseHistory(text: string): Map<string, HistoryEvent[]> {
  const arms = new Map<string, HistoryEvent[]>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue
    let event: HistoryEvent
    let arm: string
    try {
      const { arm: name, ...rest } = JSON.parse(line) as { arm: string }
      arm = z.string().parse(name)
      event = HistoryEvent.parse(eventOfVersion1(rest))
    } catch (error) {
      throw new Error(`history.jsonl line ${index + 1}: ${firstIssue(error)}`, { cause: error })
    }
    const known = arms.get(arm)
    if (known === undefined) arms.set(arm, [event])
    else known.push(event)
  }
  return arms
}

export function historyText(arm: string, events: readonly HistoryEvent[]): string {
  return events.map(event => `${JSON.stringify({ arm, ...event })}\n`).join('')
}
