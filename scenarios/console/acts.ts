import { z } from 'zod'
import type { GpuFaults } from '#contracts/http'
import { WorkerOrders } from '#contracts/http'
import { STORIES } from './story-names.ts'

/** What a person may do on the page. Pure. */

/** Faults of a simulated GPU, by a word for people. */
export const GPU_FAULTS = {
  none: {},
  fails: { status: 500 },
  silent: { connection: 'silent' },
  slow: { tokensPerSecond: 3 },
  down: { down: true },
  poison: { status: 500, onlyPromptsWith: 'poison' },
} as const satisfies Record<string, GpuFaults>
export type GpuFault = keyof typeof GPU_FAULTS

export const VERBS = ['start', 'stop', 'kill', 'pause', 'resume'] as const

const part = z.string().max(64)
const who = z.enum(['ann', 'bob'])

export const Act = z.discriminatedUnion('act', [
  /** The crowd's questions, per second of GPU time. */
  z.strictObject({ act: z.literal('crowd'), perSecond: z.number().min(0).max(1_000) }),
  z.strictObject({ act: z.literal('orders'), worker: part, ...WorkerOrders.shape }),
  z.strictObject({ act: z.literal('part'), verb: z.enum(VERBS), part }),
  z.strictObject({ act: z.literal('say'), who, to: z.enum(['other', 'robot']), text: z.string().min(1).max(4_000) }),
  z.strictObject({ act: z.literal('cancel'), who, task: z.uuid() }),
  /** Everything so far as a run folder. */
  z.strictObject({ act: z.literal('save') }),
  /** Sets a story's scene; `null` leaves it. */
  z.strictObject({ act: z.literal('story'), name: z.enum(STORIES).nullable() }),
  /** The one click that it asks for. */
  z.strictObject({ act: z.literal('click') }),
  z.strictObject({ act: z.literal('fault'), gpu: part, fault: z.enum(Object.keys(GPU_FAULTS) as [GpuFault, ...GpuFault[]]) }),
])
export type Act = z.infer<typeof Act>
