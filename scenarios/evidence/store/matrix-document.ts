import { z } from 'zod'
import { RunDocument } from '../run-document.ts'

/** What `nack-requeue --matrix` leaves as `matrix.json`. Keys are stable; more may come. */

export const VERBS = ['nack', 'reject', 'killed'] as const
/** `quorum, delayed retry`: with `taskRetryDelayMs`, which RabbitMQ has from 4.3 on. */
export const QUEUE_TYPES = ['quorum', 'quorum, delayed retry', 'classic'] as const
export type Verb = (typeof VERBS)[number]
export type QueueType = (typeof QUEUE_TYPES)[number]

const Outcome = z.enum(['dead-lettered', 'endless'])
export type Outcome = z.infer<typeof Outcome>

export const Cell = z.object({
  /** The broker's own words: product and version. */
  broker: z.string(),
  generation: z.enum(['3.10', '4.0', '4.3']),
  queueType: z.enum(QUEUE_TYPES),
  verb: z.enum(VERBS),
  outcome: Outcome,
  /** Inferences of the task beyond the first, as the GPUs logged them. */
  redeliveries: z.number(),
  /** Messages in the dead-letter queue afterwards. */
  deadLettered: z.number(),
  /** Redeliveries a second while it went on. */
  perSecond: z.number(),
  /** What a documentation leads one to expect. */
  expected: Outcome,
  /** Of `killed`: worker, inference of the task, and that its process was gone. */
  kills: z.array(z.object({ worker: z.string(), attempt: z.number(), gone: z.boolean() })),
})
export type Cell = z.infer<typeof Cell>

export const MatrixDocument = z.object({
  schemaVersion: z.literal(1),
  startedAt: RunDocument.shape.startedAt,
  node: z.string(),
  labVersion: z.string(),
  commit: RunDocument.shape.commit,
  machine: RunDocument.shape.machine,
  matrix: z.array(Cell),
})
export type MatrixDocument = z.infer<typeof MatrixDocument>

/** What differs from what is documented, in words; empty when nothing does. */
export function surprises(cells: readonly Cell[]): string[] {
  const unproven = cells.filter(cell => cell.verb === 'killed' && (cell.kills.length === 0 || cell.kills.some(kill => !kill.gone)))
  return [
    ...cells
      .filter(cell => cell.outcome !== cell.expected)
      .map(
        cell =>
          `${cell.broker}, ${cell.queueType}, ${cell.verb}: ${cell.outcome} after ${cell.redeliveries} redeliveries, documented: ${cell.expected}`,
      ),
    ...unproven.map(cell => `${cell.broker}, ${cell.queueType}, killed: no proof that a worker's process was gone`),
  ]
}
