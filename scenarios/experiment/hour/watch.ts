import { setTimeout as pause } from 'node:timers/promises'
import { hostNowMs, type Lab } from '#lab'
import type { LiveArm } from './live.ts'

/** Often enough for a picture that moves, seldom enough to cost the lab nothing. Milliseconds. */
const SAMPLE_EVERY_MS = 100

/** Looks at the lab until the hour is over, or aborted. @param onSample told the time of the hour, never past its end */
export async function watch(
  lab: Lab,
  live: LiveArm,
  hourMs: number,
  signal: AbortSignal,
  onSample: (nowMs: number) => void,
): Promise<void> {
  const { gpus, workers } = lab.plan
  const seen = gpus.map(() => -1)
  const [queue = ''] = lab.queues
  while (!signal.aborted) {
    const atMs = hostNowMs()
    const logs = gpus.map(({ name }, g) => readLog(lab, name, g, seen, live))
    const [count, held] = await Promise.all([lab.queue(queue), lab.held(), ...logs])
    const holds = gpus.map(({ name }) => {
      const worker = workers.find(({ gpu }) => gpu === name)?.name
      const at = held.find(one => one.worker === worker)?.queues[queue]
      return at === undefined ? 0 : at.held - at.running
    })
    live.sampled(atMs, count?.ready ?? 0, holds)
    const nowMs = live.hourMs(atMs)
    onSample(Math.min(nowMs, hourMs))
    if (nowMs >= hourMs) return
    await pause(Math.max(0, atMs + SAMPLE_EVERY_MS - hostNowMs()), undefined, { signal }).catch(() => undefined)
  }
}

/** What the GPU's log has since the last look, and what had not ended then. @param seen per GPU: all up to there has ended */
async function readLog(lab: Lab, name: string, g: number, seen: number[], live: LiveArm): Promise<void> {
  const { inferences, next } = await lab.inferenceLog(name, seen[g] ?? -1)
  for (const inference of inferences) live.ran(g, inference)
  seen[g] = next
}
