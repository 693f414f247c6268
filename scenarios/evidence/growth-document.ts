import { z } from 'zod'
import { PeerSample, PeersDocument } from './peers-document.ts'

/** What `load -- growth` leaves as `run.json`. Keys are stable; more may come. Units in names. */

export const GROWTH_SCHEMA_VERSION = 1

/** What grows: IM nodes, connected users, bytes of a message, tasks that wait in a queue. */
export const GROWTH_AXES = ['nodes', 'users', 'bytes', 'backlog'] as const
export type GrowthAxis = (typeof GROWTH_AXES)[number]

/** One piece of load at one size. CPU per message, or per task, by kind of part. */
export const GrowthSample = PeerSample.pick({
  repetition: true,
  perSecond: true,
  cpuUs: true,
  generatorUs: true,
  foreignPercent: true,
  rssMiB: true,
  lost: true,
  duplicates: true,
}).extend({
  /** Of a backlog null: its wait is its length. */
  p50Ms: z.number().nullable(),
})
export type GrowthSample = z.infer<typeof GrowthSample>

/** A system along an axis: a line of the chart. */
export const GrowthSeries = z.object({
  axis: z.enum(GROWTH_AXES),
  system: z.string(),
  points: z.array(z.object({ size: z.number(), samples: z.array(GrowthSample) })),
  /** CPU per message at the largest size over that at the smallest, within a repetition: median
   *  and its 95 % interval. null: too noisy. */
  growth: z.object({ ratio: z.number(), interval: z.tuple([z.number(), z.number()]), repetitions: z.number() }).nullable(),
})
export type GrowthSeries = z.infer<typeof GrowthSeries>

export const GrowthDocument = PeersDocument.omit({ kind: true, plan: true, targets: true, systems: true, redisPersistence: true }).extend({
  schemaVersion: z.literal(GROWTH_SCHEMA_VERSION),
  kind: z.literal('growth'),
  plan: z.object({
    repetitions: z.number(),
    warmUpMs: z.number(),
    forMs: z.number(),
    /** Chat: messages on their way at any time. */
    outstanding: z.number(),
    /** Tasks a second beside a backlog. */
    tasksPerSecond: z.number(),
  }),
  series: z.array(GrowthSeries),
})
export type GrowthDocument = z.infer<typeof GrowthDocument>
