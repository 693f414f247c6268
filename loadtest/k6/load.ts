import exec from 'k6/execution'
import http from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { clearInterval, setInterval, setTimeout } from 'k6/timers'
import { WebSocket } from 'k6/websockets'
import type { ClientFrame, PROTOCOL_VERSION, ServerFrame } from '#contracts/frames'
// The client's own view: "seen", "lost" and "twice" mean the same in both engines.
import { View } from '../../services/client/view.ts'
import { type Add, Book, messageId } from './book.ts'
import { COUNTERS, FAULTS, TRENDS } from './names.ts'
import { type K6Settings, settingsFromEnv } from './settings.ts'

/** The part that all scripts share: users who connect, an open loop, the drain, the book. */

// The types of k6 leave it out.
declare const console: { error(text: string): void }

export const settings: K6Settings = settingsFromEnv(__ENV)
const { nodes, secret, run, users, vuCount, ratePerSecond, forMs, warmUpMs, connectMs, drainMs, p99LimitMs } = settings

/** The type fails here when the protocol's number moves on. */
const VERSION: typeof PROTOCOL_VERSION = 1
/** `readyState` of a connection that takes a send. */
const OPEN = 1
/** As the client has them (`services/client/client.ts`). */
const HOLES = { gapMs: 100, gapAgainMs: 1_000 }
const LOOK_FOR_HOLES_MS = 50
const LOOK_FOR_REST_MS = 20
const LOST_NAMED = 10

/** Milliseconds since k6's start, in fractions and the same for all VUs; `Date.now()` counts whole
 *  ones (https://github.com/grafana/k6/issues/2362). */
const nowMs = () => exec.instance.currentTestRunDuration
const measureFromMs = connectMs + warmUpMs
const trends = TRENDS.map(name => [name, new Trend(name, true)] as const)
const metrics = new Map<string, Counter | Trend>([...trends, ...COUNTERS.map(name => [name, new Counter(name)] as const)])
/** The tag lets a reader of k6's samples put them together, second by second. */
const add: Add = (metric, value, atMs) => metrics.get(metric)?.add(value, { second: `${Math.floor((atMs - measureFromMs) / 1_000)}` })
const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

export interface Workload {
  /** Users who belong together, on nodes side by side. */
  groupUsers: 1 | 2
  /** The send of this number, 0 first. @param own this VU's users, group by group */
  next(number: number, own: readonly User[]): { from: User | undefined; to: string; body: string }
}

/** One iteration per VU, as long as its users live: k6's arrival-rate executors start an iteration
 *  for each send and would connect anew for each. */
export function optionsOf({ groupUsers }: Workload): Options {
  if (users % groupUsers !== 0 || users < groupUsers * vuCount)
    throw new Error(`LAB_USERS: expected a multiple of ${groupUsers}, at least ${groupUsers} per VU, got ${users}`)
  const maxDuration = `${Math.ceil((connectMs + warmUpMs + forMs + drainMs) / 1_000) + 10}s`
  const limits = [...FAULTS.map(name => [name, 'count==0']), ['judged', `count==${vuCount}`]]
  if (p99LimitMs > 0) limits.push(['seen_ms', `p(99)<=${p99LimitMs}`])
  return {
    scenarios: { load: { executor: 'per-vu-iterations', vus: vuCount, iterations: 1, maxDuration, gracefulStop: '0s' } },
    thresholds: Object.fromEntries(limits.map(([name, limit]) => [name, [limit]])),
    summaryTrendStats: ['avg', 'med', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'],
    systemTags: [],
  }
}

export interface User {
  name: string
  robot: string
  /** Nothing on a connection that ended: k6 would throw and end the VU. */
  say(frame: ClientFrame): void
  close(): void
}

/** Resolves when the node says `ready`. A hole in what the user sees is repaired as the client
 *  repairs it; a connection that ends is not made again. */
async function connected(name: string, node: string, book: Book): Promise<User> {
  const headers = { 'content-type': 'application/json' }
  const answer = await http.asyncRequest('POST', `${node}/login`, JSON.stringify({ user: name, secret }), { headers })
  const token = answer.status === 200 ? answer.json('token') : undefined
  if (typeof token !== 'string') throw new Error(`${node}/login answered ${answer.status} for ${name}: ${answer.body ?? answer.error}`)
  const socket = new WebSocket(`${node.replace(/^http/, 'ws')}/chat`)
  const view = new View(HOLES)
  let online = false
  const say = (frame: ClientFrame) => {
    if (socket.readyState === OPEN) socket.send(JSON.stringify(frame))
  }
  const received = (frame: ServerFrame) => {
    if (frame.type === 'stored') book.stored(frame.clientMessageId, nowMs(), frame.task)
    else if (frame.type === 'refused') book.refused(frame.ref, nowMs())
    else if (frame.type === 'partial') book.begun(frame.task, nowMs())
    else if (frame.type === 'head') view.heads(frame.heads, nowMs())
    else if (frame.type === 'gap') view.more(frame.conversation, frame.headSeq, nowMs())
    else if (frame.type === 'message') {
      const before = view.rawDuplicates
      for (const { task, answered, to, clientMessageId } of view.accept(frame, nowMs()))
        if (task !== undefined) book.answered(task, nowMs(), answered !== false)
        else if (to === name) book.shown(clientMessageId, nowMs())
      if (view.rawDuplicates > before) add('redelivered', 1, nowMs())
    }
  }
  const robot = await new Promise<string>((resolve, reject) => {
    const ended = (why: string) => {
      if (online) add('disconnected', 1, nowMs())
      online = false
      reject(new Error(`${name} on ${node}: ${why}`))
    }
    socket.onopen = () => socket.send(JSON.stringify({ type: 'auth', version: VERSION, token } satisfies ClientFrame))
    socket.onerror = event => ended(event?.error ?? 'socket error')
    socket.onclose = () => ended('closed')
    socket.onmessage = event => {
      const frame = JSON.parse(String(event?.data)) as ServerFrame
      if (frame.type === 'error' && frame.fatal) return ended(`${frame.code}: ${frame.detail}`)
      if (frame.type !== 'ready') return received(frame)
      online = true
      resolve(frame.robot)
    }
  })
  const repair = setInterval(() => {
    for (const { conversation, cursor } of view.due(nowMs()))
      say({ type: 'resume', cursors: { [conversation]: cursor }, only: conversation })
  }, LOOK_FOR_HOLES_MS)
  const close = () => {
    online = false
    clearInterval(repair)
    socket.close()
  }
  return { name, robot, say, close }
}

/** What each VU runs. An intended time is never moved: a stall counts for all that it held up. */
export async function load({ groupUsers, next }: Workload): Promise<void> {
  const vu = exec.vu.idInTest - 1
  const book = new Book(measureFromMs, add)
  let own: User[] = []
  try {
    const arriving: Promise<User>[] = []
    for (let group = vu; group < users / groupUsers; group += vuCount)
      for (let side = 0; side < groupUsers; side += 1)
        arriving.push(connected(`${run}-${group}-${side}`, nodes[(group + side) % nodes.length] ?? '', book))
    own = await Promise.all(arriving)
    if (nowMs() > connectMs)
      throw new Error(`LAB_CONNECT_MS: not everybody was connected within ${connectMs} ms; expected fewer users or more time`)
    // A second without sends is a second too.
    const ticks = setInterval(() => add('offered', 0, nowMs()), 1_000)
    const endMs = measureFromMs + forMs
    const dueMs = (number: number) => connectMs + ((number * vuCount + vu) * 1_000) / ratePerSecond
    for (let number = 0; dueMs(number) < endMs; number += 1) {
      if (dueMs(number) > nowMs()) await pause(dueMs(number) - nowMs())
      const { from, to, body } = next(number, own)
      const id = messageId(Date.now(), vu, number)
      book.sent(id, dueMs(number), nowMs())
      from?.say({ type: 'send', clientMessageId: id, to, body })
    }
    while (book.open.length > 0 && nowMs() < endMs + drainMs) await pause(LOOK_FOR_REST_MS)
    clearInterval(ticks)
    const lost = book.end(nowMs())
    if (lost.length > 0) console.error(`lost ${lost.length}: ${lost.slice(0, LOST_NAMED).join(' ')}`)
  } catch (error) {
    // An error in one VU would leave the others to finish a test that measures something else.
    exec.test.abort(error instanceof Error ? error.message : String(error))
  } finally {
    for (const user of own) user.close()
  }
}
