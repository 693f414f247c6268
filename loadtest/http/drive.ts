import autocannon from 'autocannon'
import { Meter } from './meter.ts'
import type { Route } from './routes.ts'

export interface Drive {
  nodes: readonly string[]
  route: Route
  forMs: number
  /** Of all nodes together, each with one request on its way. At least one per node. */
  connections: number
  signal: AbortSignal
  /** Told every second. */
  onSecond(meter: Meter): void
}

export interface Driven {
  meter: Meter
  tookMs: number
}

/** One route on all nodes at once, closed loop. Every answer is judged by status and body. */
export async function drive({ nodes, route, forMs, connections, signal, onSecond }: Drive): Promise<Driven> {
  const meter = new Meter()
  const startedMs = performance.now()
  const seconds = setInterval(() => onSecond(meter), 1_000)
  try {
    const share = (index: number) => Math.max(1, Math.floor(connections / nodes.length) + (index < connections % nodes.length ? 1 : 0))
    await Promise.all(nodes.map((node, index) => driveNode(node, route, forMs, share(index), signal, meter)))
    return { meter, tookMs: performance.now() - startedMs }
  } finally {
    clearInterval(seconds)
  }
}

function driveNode(node: string, route: Route, forMs: number, connections: number, signal: AbortSignal, meter: Meter): Promise<void> {
  return new Promise((resolve, reject) => {
    // autocannon judges a body, then tells its time: one after the other, in the same turn.
    let failure: string | undefined
    let told = 0
    const { method, path, headers, body } = route
    const judge = (status: number, text: string) => {
      failure = status < 200 || status > 299 ? `status ${status}` : route.good(text) ? undefined : 'wrong body'
    }
    const request = { method, path, headers, onResponse: judge, ...(body === undefined ? {} : { body }) }
    const running = autocannon(
      { url: node, connections, duration: forMs / 1_000, requests: [request], excludeErrorStats: true },
      (error, result) => {
        signal.removeEventListener('abort', stop)
        // autocannon silently reconnects: sent, but not answered, failed or in flight.
        const cut = (result?.requests.sent ?? 0) - told - connections
        for (let n = 0; n < cut; n += 1) meter.failed('connection cut')
        if (error) reject(error instanceof Error ? error : new Error(String(error)))
        else resolve()
      },
    )
    const stop = () => running.stop()
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    running.on('response', (_client, _status, _bytes, tookMs) => {
      told += 1
      if (failure === undefined) meter.good(tookMs)
      else meter.failed(failure)
    })
    running.on('reqError', (error: unknown) => {
      told += 1
      meter.failed(error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : 'error')
    })
  })
}
