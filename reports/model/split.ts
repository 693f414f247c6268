import type { Asked } from './asked.ts'

/** Where a wait went. Milliseconds. Pure. */
export interface Split {
  /** In the outbox until the conversation's earlier questions ended. */
  heldBack: number
  /** From then until delivered to a worker: on the way, and in the queue. */
  broker: number
  /** In its worker's buffer, which no dashboard counts. */
  buffer: number
  /** Until the inference began: the model server's own queue. */
  server: number
}

export interface Splits {
  /** That were begun; the others' wait has no end to be split. */
  prompts: number
  asked: number
  all: Split
  /** Mean of the slowest twentieth, at least one prompt. */
  slowest: Split
}

/** Of prompts that were begun; undefined where there are none. Means, since only they add up. */
export function splitsOf(asked: readonly Asked[]): Splits | undefined {
  const splits = asked.flatMap(({ askedMs, heldBackUntilMs = askedMs, deliveredMs, requestedMs, startedMs }): Split[] => {
    if (deliveredMs === undefined || requestedMs === undefined || startedMs === undefined) return []
    return [
      {
        heldBack: heldBackUntilMs - askedMs,
        broker: deliveredMs - heldBackUntilMs,
        buffer: requestedMs - deliveredMs,
        server: startedMs - requestedMs,
      },
    ]
  })
  if (splits.length === 0) return undefined
  const slowest = splits.toSorted((a, b) => waitOf(b) - waitOf(a)).slice(0, Math.max(1, Math.floor(splits.length / 20)))
  return { prompts: splits.length, asked: asked.length, all: meanOf(splits), slowest: meanOf(slowest) }
}

export function waitOf({ heldBack, broker, buffer, server }: Split): number {
  return heldBack + broker + buffer + server
}

function meanOf(splits: readonly Split[]): Split {
  const mean = (of: keyof Split) => splits.reduce((sum, split) => sum + split[of], 0) / splits.length
  return { heldBack: mean('heldBack'), broker: mean('broker'), buffer: mean('buffer'), server: mean('server') }
}
