import { z } from 'zod'
import { Verdict } from './finding.ts'
import { RunDocument } from './run-document.ts'

/** What `load -- peers` leaves as `run.json`. Keys are stable; more may come. Units in names. */

export const PEERS_SCHEMA_VERSION = 1

/** One piece of load on one system. */
export const PeerSample = z.object({
  repetition: z.number(),
  /** Seen by their recipients, or tasks handled, a second. */
  perSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** By kind of part: node, broker, database, redis. Per message delivered. */
  cpuUs: z.record(z.string(), z.number()),
  /** Of the client, per message. */
  generatorUs: z.number(),
  /** Share of the machine that others used. Percent. */
  foreignPercent: z.number(),
  rssMiB: z.record(z.string(), z.number()),
  sent: z.number(),
  /** Confirmed to their senders; 0 where a system confirms nothing. */
  stored: z.number(),
  lost: z.number(),
  duplicates: z.number(),
  /** Seen after a later one of their sender, on the wire. */
  reordered: z.number(),
  /** How late an open loop sent, p99. */
  lateP99Ms: z.number(),
})
export type PeerSample = z.infer<typeof PeerSample>

/** A system under one load: a row of the table. */
export const PeerSeries = z.object({
  system: z.string(),
  load: z.string(),
  samples: z.array(PeerSample),
})
export type PeerSeries = z.infer<typeof PeerSeries>

/** What a system promises. */
export const Semantics = z.object({
  stored: z.boolean(),
  sequenced: z.boolean(),
  acknowledged: z.boolean(),
  authorised: z.boolean(),
  resumes: z.boolean(),
})
export type Semantics = z.infer<typeof Semantics>

/** `unknown`: too few repetitions, or nothing measured. */
const PartJudged = z.object({
  /** `1-rows`: the number of the target, and of what part of it. */
  id: z.string(),
  load: z.string(),
  measure: z.string(),
  system: z.string(),
  /** What it is compared with; the best of several. Absent: the value counts as it is. */
  peer: z.string().optional(),
  ours: z.number().nullable(),
  theirs: z.number().nullable(),
  ratio: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  repetitions: z.number(),
  bound: z.enum(['at-least', 'at-most']),
  target: z.number().nullable(),
  gate: z.boolean(),
  met: z.boolean().nullable(),
  /** A code, where it is not the ratio that decided. */
  why: z.string().optional(),
})
export type PartJudged = z.infer<typeof PartJudged>

export const TargetJudged = PartJudged.omit({ id: true, load: true, measure: true, system: true, peer: true }).extend({
  id: z.number(),
  /** A code; its words stand in `reports/peers/words.ts`. */
  what: z.string(),
  parts: z.array(PartJudged),
})
export type TargetJudged = z.infer<typeof TargetJudged>

export const PeersDocument = z.object({
  schemaVersion: z.literal(PEERS_SCHEMA_VERSION),
  kind: z.literal('peers'),
  verdict: Verdict,
  startedAt: RunDocument.shape.startedAt,
  tookMs: z.number(),
  command: z.string(),
  seed: z.number(),
  versions: z.record(z.string(), z.string()),
  commit: RunDocument.shape.commit,
  machine: RunDocument.shape.machine,
  /** Settings of our lab that were asked for. */
  set: z.record(z.string(), z.unknown()),
  redisPersistence: z.record(z.string(), z.string()),
  plan: z.object({
    users: z.number(),
    bodyBytes: z.number(),
    repetitions: z.number(),
    /** Of systems that decide nothing. */
    repetitionsUngated: z.number(),
    warmUpMs: z.number(),
    forMs: z.number(),
    rows: z.number(),
  }),
  targets: z.array(TargetJudged),
  systems: z.array(PeerSeries.extend({ semantics: Semantics.nullable() })),
})
export type PeersDocument = z.infer<typeof PeersDocument>
