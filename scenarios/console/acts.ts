import { z } from 'zod'
import type { GpuFaults } from '#contracts/http'
import { WorkerOrders } from '#contracts/http'

/** What a person may do on the page. Pure. */

/** Faults of a simulated GPU, by a word for people. */
export const GPU_FAULTS = {
  none: {},
  fails: { status: 500 },
  silent: { connection: 'silent' },
  slow: { tokensPerSecond: 3 },
  down: { down: true },
} as const satisfies Record<string, GpuFaults>
export type GpuFault = keyof typeof GPU_FAULTS

export const VERBS = ['start', 'stop', 'kill', 'pause', 'resume'] as const

const part = z.string().max(64)

export const Act = z.discriminatedUnion('act', [
  /** The crowd's questions, per second of GPU time. */
  z.strictObject({ act: z.literal('crowd'), perSecond: z.number().min(0).max(1_000) }),
  z.strictObject({ act: z.literal('orders'), worker: part, ...WorkerOrders.shape }),
  z.strictObject({ act: z.literal('part'), verb: z.enum(VERBS), part }),
  z.strictObject({ act: z.literal('fault'), gpu: part, fault: z.enum(Object.keys(GPU_FAULTS) as [GpuFault, ...GpuFault[]]) }),
])
export type Act = z.infer<typeof Act>
