import { ChatClient } from '#client'
import { LoginAnswer } from '#contracts/http'
import { reason } from '#evidence/finding'
import type { LatencySummary, LoadDocument, LoadSecond, Threshold } from '#evidence/load-document'
import type { Driven } from '../engine/outside.ts'
import { drive } from './drive.ts'
import { histogram, latencyOf } from './meter.ts'
import { type HttpAsker, type Route, routesOf } from './routes.ts'

export interface HttpLoadOptions {
  /** HTTP addresses of the IM nodes. */
  nodes: string[]
  secret: string
  /** Of all routes together, a share for each. At least a second per route. Milliseconds. */
  forMs: number
  /** Requests on their way at any time, of all nodes together. */
  connections: number
  signal: AbortSignal
  /** Messages per history page. Default 50; 0 in the design `article`: no such route. */
  historyMessages?: number
  onSecond?(route: Route['name'], second: LoadSecond): void
}

export interface RouteFigures {
  route: Route['name']
  requestsPerSecond: number
  /** From the request's write to the answer's last byte; good answers alone. */
  latencyMs: LatencySummary
  failed: number
  /** What the failures were: `status 503`, `wrong body` … */
  failures: Record<string, number>
}

export type HttpLoadResult = Driven & { engine: 'autocannon'; routes: RouteFigures[] }

const ABOUT = 'request-to-answer'
const HISTORY_MESSAGES = 50
const ROUTE_LEAST_MS = 1_000

/** Health, readiness, login, history, one after the other. A status other than 2xx, a wrong body or
 *  a cut connection fails the test; an interrupt makes it `unknown`. */
export async function httpLoad(options: HttpLoadOptions): Promise<HttpLoadResult> {
  const { nodes, forMs, connections, signal, onSecond = () => {} } = options
  const asker = await prepared(options)
  const routes = routesOf(asker).filter(({ name }) => name !== 'history' || asker.messages > 0)
  const all = histogram()
  const perSecond: LoadSecond[] = []
  const figures: RouteFigures[] = []
  let tookMs = 0
  for (const route of routes) {
    if (signal.aborted) break
    const routeForMs = Math.max(ROUTE_LEAST_MS, forMs / routes.length)
    const driven = await drive({
      nodes,
      route,
      forMs: routeForMs,
      connections,
      signal,
      onSecond: meter => {
        const second = meter.takeSecond(perSecond.length)
        perSecond.push(second)
        onSecond(route.name, second)
      },
    })
    const { meter } = driven
    const rest = meter.takeSecond(perSecond.length)
    if (rest.offered > 0) perSecond.push(rest)
    all.add(meter.all)
    tookMs += driven.tookMs
    figures.push({
      route: route.name,
      requestsPerSecond: (meter.all.count * 1_000) / driven.tookMs,
      latencyMs: { ...latencyOf(meter.all, ABOUT), route: `${route.method} ${new URL(route.path, nodes[0]).pathname}` },
      failed: Object.values(meter.failures).reduce((sum, count) => sum + count, 0),
      failures: meter.failures,
    })
  }
  return { engine: 'autocannon', routes: figures, perSecond, ...summaryOf(figures, latencyOf(all, ABOUT), tookMs, signal.aborted) }
}

/** A conversation to read, and a token to read it with. */
async function prepared({ nodes, secret, signal, historyMessages = HISTORY_MESSAGES }: HttpLoadOptions): Promise<HttpAsker> {
  const run = Date.now().toString(36)
  const [user, partner] = [`http-${run}-a`, `http-${run}-b`]
  const answer = await fetch(new URL('/login', nodes[0]), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, secret }),
    signal,
  })
  const { token } = LoginAnswer.parse(await answer.json())
  await using client = await ChatClient.connect({ nodes, user, secret, signal })
  const messages = client.sequenced ? historyMessages : 0
  for (let number = 0; number < messages; number += 1) {
    const sent = await client.send(partner, `message ${number}`.padEnd(200, '.'))
    if (sent.state !== 'stored') throw new Error(`expected message ${number} to be stored, it was ${sent.state}`)
  }
  return { user, secret, token, partner, messages }
}

function summaryOf(figures: readonly RouteFigures[], latencyMs: LatencySummary, tookMs: number, interrupted: boolean) {
  const thresholds = figures.map<Threshold>(({ route, failed }) => ({
    name: `${route}-answers-good`,
    measure: `${route}Failed`,
    bound: 'at-most',
    limit: 0,
    value: failed,
    verdict: failed === 0 ? 'pass' : 'fail',
  }))
  const failed = figures.reduce((sum, figure) => sum + figure.failed, 0)
  const perSecond = (count: number) => (tookMs === 0 ? 0 : (count * 1_000) / tookMs)
  return {
    thresholds,
    offeredPerSecond: perSecond(latencyMs.count + failed),
    deliveredPerSecond: perSecond(latencyMs.count),
    latencyMs,
    latencies: Object.fromEntries(figures.map(({ route, latencyMs }) => [route, latencyMs])),
    measures: Object.fromEntries(
      figures.flatMap(({ route, requestsPerSecond, failed }) => [
        [`${route}PerSecond`, requestsPerSecond],
        [`${route}Failed`, failed],
      ]),
    ),
    ...verdictOf(figures, interrupted),
  }
}

function verdictOf(figures: readonly RouteFigures[], interrupted: boolean): Pick<LoadDocument, 'verdict' | 'why'> {
  const bad = figures.filter(({ failed }) => failed > 0)
  if (bad.length > 0) {
    const counted = bad.flatMap(({ route, failures }) => Object.entries(failures).map(([what, count]) => [`${route}: ${what}`, count]))
    return { verdict: 'fail', why: reason('answers-bad', Object.fromEntries(counted)) }
  }
  if (interrupted) return { verdict: 'unknown', why: reason('interrupted') }
  const silent = figures.find(({ latencyMs }) => latencyMs.count === 0)
  if (silent !== undefined) return { verdict: 'unknown', why: reason('route-silent', { route: silent.route }) }
  const answers = figures.reduce((sum, { latencyMs }) => sum + latencyMs.count, 0)
  return { verdict: 'pass', why: reason('load-held', { checks: 0, limits: figures.length, delivered: answers }) }
}
