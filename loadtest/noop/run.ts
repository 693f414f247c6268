import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LatencySummary } from '#evidence/load-document'
import { hostNowMs } from '#lab'
import { castOf, textOf } from '../engine/cast.ts'
import { summaryOf, valuesOf } from '../engine/figures.ts'
import { GeneratorThread } from '../generator/pool.ts'
import { NO_TRAFFIC } from '../workload.ts'

/** The generator's own limit, against a node that does nothing. */

export interface NoopResult {
  perSecond: number
  latencyMs: LatencySummary
  /** Event loop of the busiest thread. Percent. */
  busiestPercent: number
  /** CPU of the generator's threads. */
  cpuMicrosecondsPerMessage: number
}

export interface NoopOptions {
  users: number
  outstanding: number
  bodyBytes: number
  threads: number
  forMs: number
}

/** The first part of it wakes everybody up and is not counted. Share. */
const WARM_UP_SHARE = 0.3

export async function runNoop({ users, outstanding, bodyBytes, threads: count, forMs }: NoopOptions): Promise<NoopResult> {
  const node = new Worker(new URL('./thread.ts', import.meta.url))
  await using closing = new AsyncDisposableStack()
  closing.defer(async () => void (await node.terminate()))
  const [port] = (await once(node, 'message')) as [number]
  const cast = castOf([{ ...NO_TRAFFIC, users, bodyBytes }], [`http://127.0.0.1:${port}`], count, 'URobot', () => false)
  const setUp = { zeroMs: hostNowMs(), secret: 'none', trust: true }
  const threads = Array.from({ length: count }, () => closing.use(new GeneratorThread(setUp, () => undefined)))
  await Promise.all(threads.map((thread, index) => thread.call('connect', cast.devices[index] ?? [])))
  const run = async (ms: number, measured: boolean) => {
    const fromMs = hostNowMs()
    const untilMs = fromMs + ms
    await Promise.all(
      threads.map((thread, index) => {
        const pairs = cast.senders[0]?.filter(sender => sender.thread === index) ?? []
        const own = Math.ceil(outstanding / count)
        return thread.call('closed', { kind: 'chat', outstanding: own, fromMs, untilMs, pairs, bodies: [textOf(0, bodyBytes)], measured })
      }),
    )
    return (hostNowMs() - fromMs) / 1_000
  }
  await run(WARM_UP_SHARE * forMs, false)
  await Promise.all(threads.map(thread => thread.call('busy')))
  const cpuMs = async () => (await Promise.all(threads.map(thread => thread.call('cpuMs')))).reduce((sum, ms) => sum + ms, 0)
  const beforeMs = await cpuMs()
  const seconds = await run(forMs, true)
  const usedMs = (await cpuMs()) - beforeMs
  const busiestPercent = Math.max(...(await Promise.all(threads.map(thread => thread.call('busy')))))
  await Promise.all(threads.map(thread => thread.call('close')))
  const sent = (await Promise.all(threads.map(thread => thread.call('take'))))
    .flatMap(taken => taken.sent)
    .filter(({ measured }) => measured)
  const latencies = valuesOf(sent, ({ seenMs, dueMs }) => (seenMs === undefined ? undefined : seenMs - dueMs))
  return {
    perSecond: latencies.length / seconds,
    latencyMs: summaryOf('sent-to-seen', latencies),
    busiestPercent,
    cpuMicrosecondsPerMessage: (1_000 * usedMs) / Math.max(1, latencies.length),
  }
}
