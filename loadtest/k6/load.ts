import exec from 'k6/execution'
import http from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { clearInterval, setInterval, setTimeout } from 'k6/timers'
import { WebSocket } from 'k6/websockets'
import type { ClientFrame, PROTOCOL_VERSION, ServerFrame } from '#contracts/frames'
// The client's own view: "seen", "lost" and "twice" mean the same in both engines.
import { View } from '../../services/client/view.ts'
import { type Batch, type Seen, settingsFromEnv } from './settings.ts'

// A global of k6 that its types leave out.
declare const crypto: { randomUUID(): string }

/** The part that all scripts share: users who connect, an open loop, the drain. */

export const settings = settingsFromEnv(__ENV)
const { nodes, secret, run, users, vuCount, ratePerSecond, forMs, warmUpMs, connectMs, drainMs, p99LimitMs } = settings

/** The type fails here when the protocol's number moves on. */
const VERSION: typeof PROTOCOL_VERSION = 1
const OPEN = 1
/** As the client has them (`services/client/client.ts`). */
const HOLES = { gapMs: 100, gapAgainMs: 1_000 }
const LOOK_FOR_HOLES_MS = 50
const LOOK_FOR_REST_MS = 20
const TELL_MS = 500

/** Milliseconds since k6's start, in fractions and the same for all VUs; `Date.now()` counts whole
 *  ones (https://github.com/grafana/k6/issues/2362). */
const nowMs = () => exec.instance.currentTestRunDuration
const measureFromMs = connectMs + warmUpMs
/** From the intended send: handed to the socket; confirmed; first piece of an answer; seen by the
 *  recipient (bot: the whole answer). */
const trends = {
  late: new Trend('late_ms', true),
  stored: new Trend('stored_ms', true),
  ttft: new Trend('ttft_ms', true),
  seen: new Trend('seen_ms', true),
}
/** Must end at 0. `open`: confirmations and views that sends still owe; below 0: more came. */
const counters = { open: new Counter('open'), failed: new Counter('failed'), disconnected: new Counter('disconnected') }
const reports = new Counter('reports')
const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** One iteration per VU, as long as its users live: k6's arrival-rate executors start an iteration
 *  for each send and would connect anew for each. */
export function optionsOf(groupUsers: 1 | 2): Options {
  if (users % groupUsers !== 0 || users < groupUsers * vuCount)
    throw new Error(`LAB_USERS: expected a multiple of ${groupUsers}, at least ${groupUsers} per VU, got ${users}`)
  const maxDuration = `${Math.ceil((measureFromMs + forMs + drainMs) / 1_000) + 10}s`
  return {
    scenarios: { load: { executor: 'per-vu-iterations', vus: vuCount, iterations: 1, maxDuration, gracefulStop: '0s' } },
    thresholds: {
      ...Object.fromEntries(Object.keys(counters).map(name => [name, ['count==0']])),
      ...(p99LimitMs > 0 ? { seen_ms: [`p(99)<=${p99LimitMs}`] } : {}),
    },
    summaryTrendStats: ['avg', 'med', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'],
    systemTags: [],
  }
}

/** What one VU sees: events for the lab's checks, and k6's metrics from them. */
class Journal {
  open = 0
  /** Intended times, by client message id and by the task that it became. */
  readonly #dueMs = new Map<string, number>()
  readonly #begun = new Set<string>()
  #seen: Seen[] = []

  record(event: Seen): void {
    if (event.kind === 'piece' && this.#begun.has(event.task)) return
    if (settings.events > 0) this.#seen.push(event)
    if (event.kind === 'send') {
      this.open += 2
      this.#dueMs.set(event.clientMessageId, event.dueMs ?? event.atMs)
      this.#took('late', event.clientMessageId, event)
    } else if (event.kind === 'stored') {
      this.open -= 1
      this.#took('stored', event.clientMessageId, event)
      if (event.task !== undefined) this.#dueMs.set(event.task, this.#dueMs.get(event.clientMessageId) ?? 0)
    } else if (event.kind === 'refused') {
      this.open -= 2
      counters.failed.add(1)
    } else if (event.kind === 'piece') {
      this.#begun.add(event.task)
      this.#took('ttft', event.task, event)
    } else if (event.kind === 'shown' && event.user !== event.sender) {
      this.open -= 1
      if (event.answered === false) counters.failed.add(1)
      else this.#took('seen', event.task ?? event.clientMessageId, event)
    } else if (event.kind === 'offline') counters.disconnected.add(1)
  }

  #took(trend: keyof typeof trends, id: string, { atMs }: Seen): void {
    const dueMs = this.#dueMs.get(id) ?? 0
    if (dueMs >= measureFromMs) trends[trend].add(atMs - dueMs)
  }

  /** In metadata: each value of a tag would be a time series. */
  tell(done: boolean): void {
    if (settings.events === 0) return
    const batch: Batch = { seen: this.#seen, atMs: nowMs(), done }
    this.#seen = []
    exec.vu.metrics.metadata['batch'] = JSON.stringify(batch)
    reports.add(1)
    delete exec.vu.metrics.metadata['batch']
  }
}

export interface User {
  name: string
  robot: string
  send(to: string, body: string, dueMs: number): void
  close(): void
}

/** Resolves when the node says `ready`. A hole in what the user sees is repaired as the client
 *  repairs it; a connection that ends is not made again. */
async function connected(name: string, url: string, journal: Journal): Promise<User> {
  const headers = { 'content-type': 'application/json' }
  const answer = await http.asyncRequest('POST', `${url}/login`, JSON.stringify({ user: name, secret }), { headers })
  const token = answer.status === 200 ? answer.json('token') : undefined
  if (typeof token !== 'string') throw new Error(`${url}/login answered ${answer.status} for ${name}: ${answer.body ?? answer.error}`)
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/chat`)
  const view = new View(HOLES)
  const who = { user: name, device: `${name}.1` }
  let online = false
  // On a connection that ended k6 would throw and end the VU.
  const say = (frame: ClientFrame) => {
    if (socket.readyState === OPEN) socket.send(JSON.stringify(frame))
  }
  const received = (frame: ServerFrame) => {
    const atMs = nowMs()
    if (frame.type === 'stored') {
      const { type: kind, ...rest } = frame
      journal.record({ kind, atMs, ...who, ...rest })
    } else if (frame.type === 'refused') journal.record({ kind: 'refused', atMs, ...who, clientMessageId: frame.ref, code: frame.code })
    else if (frame.type === 'partial') journal.record({ kind: 'piece', atMs, task: frame.task })
    else if (frame.type === 'head') view.heads(frame.heads, atMs)
    else if (frame.type === 'gap') view.more(frame.conversation, frame.headSeq, atMs)
    else if (frame.type === 'message')
      for (const { conversation, seq, sender, to, clientMessageId, task, answered } of view.accept(frame, atMs))
        journal.record({ kind: 'shown', atMs, ...who, conversation, seq, sender, to, clientMessageId, task, answered })
  }
  const robot = await new Promise<string>((resolve, reject) => {
    const ended = (why: string) => {
      if (online) journal.record({ kind: 'offline', atMs: nowMs(), ...who })
      online = false
      reject(new Error(`${name} on ${url}: ${why}`))
    }
    socket.onopen = () => say({ type: 'auth', version: VERSION, token })
    socket.onerror = event => ended(event?.error ?? 'socket error')
    socket.onclose = () => ended('closed')
    socket.onmessage = event => {
      const frame = JSON.parse(String(event?.data)) as ServerFrame
      if (frame.type === 'error' && frame.fatal) return ended(`${frame.code}: ${frame.detail}`)
      if (frame.type !== 'ready') return received(frame)
      online = true
      journal.record({ kind: 'online', atMs: nowMs(), ...who, node: frame.node })
      resolve(frame.robot)
    }
  })
  const repair = setInterval(() => {
    for (const { conversation, cursor } of view.due(nowMs()))
      say({ type: 'resume', cursors: { [conversation]: cursor }, only: conversation })
  }, LOOK_FOR_HOLES_MS)
  return {
    name,
    robot,
    send(to, body, dueMs) {
      const clientMessageId = messageId()
      journal.record({ kind: 'send', atMs: nowMs(), ...who, clientMessageId, to, dueMs })
      say({ type: 'send', clientMessageId, to, body })
    },
    close() {
      online = false
      clearInterval(repair)
      socket.close()
      journal.record({
        kind: 'counted',
        atMs: nowMs(),
        ...who,
        rawDuplicates: view.rawDuplicates,
        gapsAsked: view.gapsAsked,
        reconnects: 0,
      })
    },
  }
}

/** A UUID of version 7, in the order of time: random ids cost the store 10 % on a large table. */
function messageId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}

/** The send of this number. @param partner of a pair; alone: the sender */
type Next = (number: number, partner: User) => { to: string; body: string }

/** What each VU runs. An intended time is never moved: a stall counts for all that it held up.
 *  @param groupUsers users who belong together, on nodes side by side */
export async function load(groupUsers: 1 | 2, next: Next): Promise<void> {
  const vu = exec.vu.idInTest - 1
  const journal = new Journal()
  let own: User[] = []
  try {
    const arriving: Promise<User>[] = []
    for (let group = vu; group < users / groupUsers; group += vuCount)
      for (let side = 0; side < groupUsers; side += 1)
        arriving.push(connected(`${run}-${group}-${side}`, nodes[(group + side) % nodes.length] ?? '', journal))
    own = await Promise.all(arriving)
    if (nowMs() > connectMs)
      throw new Error(`LAB_CONNECT_MS: not everybody was connected within ${connectMs} ms; expected fewer users or more time`)
    const telling = setInterval(() => journal.tell(false), TELL_MS)
    const endMs = measureFromMs + forMs
    const dueMs = (number: number) => connectMs + ((number * vuCount + vu) * 1_000) / ratePerSecond
    for (let number = 0; dueMs(number) < endMs; number += 1) {
      if (dueMs(number) > nowMs()) await pause(dueMs(number) - nowMs())
      const from = number % own.length
      const { to, body } = next(number, own[from ^ (groupUsers - 1)]!)
      own[from]!.send(to, body, dueMs(number))
    }
    while (journal.open > 0 && nowMs() < endMs + drainMs) await pause(LOOK_FOR_REST_MS)
    clearInterval(telling)
    counters.open.add(journal.open)
  } catch (error) {
    // An error in one VU would leave the others to finish a test that measures something else.
    exec.test.abort(error instanceof Error ? error.message : String(error))
  } finally {
    for (const user of own) user.close()
    journal.tell(true)
  }
}
