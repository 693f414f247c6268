/** What every process of a comparison shares: its arguments, its words to the parent, its end. */

/** Addresses and names that a process is started with. Only those that it needs are given. */
export interface PeerArguments {
  /** Its name, one letter: a batch begins with it. */
  name: string
  /** Folder of the peers' packages. */
  modules: string
  redis: string
  amqp: string
  database: string
  /** Which variant of the system. */
  variant: string
  /** How many nodes there are. */
  nodes: number
}

export function peerArguments(): PeerArguments {
  return JSON.parse(process.argv[2] ?? '') as PeerArguments // Written by `process-pool.ts` alone.
}

/** One letter each: `a`, `b` … */
export const nodeNames = (nodes: number): string[] => Array.from({ length: nodes }, (_, i) => String.fromCharCode('a'.charCodeAt(0) + i))

/** One message to the parent, which waits for it. */
export function tell(message: object): void {
  process.send?.(message)
}

/** Calls from the parent, one at a time; each is answered. A parent that ends ends this process. */
export function answerCalls(answer: (call: Record<string, unknown>) => unknown): void {
  process.on('disconnect', () => process.exit())
  let before: Promise<unknown> = Promise.resolve()
  process.on('message', message => {
    before = before.then(async () => {
      try {
        tell({ done: (await answer(message as Record<string, unknown>)) ?? null })
      } catch (error) {
        tell({ failed: error instanceof Error ? error.message : String(error) })
      }
    })
  })
}
