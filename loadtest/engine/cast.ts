import { conversationId } from '#contracts/ids'
import type { DeviceSpec, PlannedSend } from '../generator/messages.ts'
import type { Traffic } from '../workload.ts'

/** Who is in which thread: a pair shares one, so one clock sees both ends of a message. Pure. */

export interface Cast {
  devices: DeviceSpec[][]
  /** By traffic, then by sender in turn: in which thread, which device of it, and to whom. */
  senders: { thread: number; from: number; to: string }[][]
}

/** @param judged whether a conversation's events are written down
 *  @param wire chat by bare sockets; without it by the whole client, which reconnects */
export function castOf(
  traffic: readonly Traffic[],
  nodes: readonly string[],
  threads: number,
  robot: string,
  judged: (conversation: string) => boolean,
  wire = true,
): Cast {
  const devices: DeviceSpec[][] = Array.from({ length: threads }, () => [])
  const place = (thread: number, user: string, node: number, conversation: string, bare?: DeviceSpec['wire']): number => {
    const own = devices[thread]!
    const spec = { user, device: `${user}.1`, nodes: [nodes[node % nodes.length]!], judged: judged(conversation), idle: false }
    own.push(bare === undefined ? spec : { ...spec, wire: bare })
    return own.length - 1
  }
  const senders = traffic.map(({ kind, users, pairs, bodyBytes }, stream) => {
    const own: { thread: number; from: number; to: string }[] = []
    if (kind === 'bot') {
      for (let n = 0; n < users; n += 1) {
        const user = `asker-${stream}-${n}`
        own.push({ thread: n % threads, from: place(n % threads, user, n, conversationId(user, robot)), to: '' })
      }
      return own
    }
    for (let pair = 0; pair < users / 2; pair += 1) {
      const thread = pair % threads
      const [one, other] = [`user-${stream}-${2 * pair}`, `user-${stream}-${2 * pair + 1}`]
      const conversation = conversationId(one, other)
      const node = Math.floor(pair / threads)
      const bare = (to: string) => (wire ? { to, body: textOf(0, bodyBytes) } : undefined)
      const from = place(thread, one, node, conversation, bare(other))
      const back = place(thread, other, pairs === 'across-nodes' ? node + 1 : node, conversation, bare(one))
      own.push({ thread, from, to: other }, { thread, from: back, to: one })
    }
    return own
  })
  return { devices, senders }
}

/** People who are there and do nothing, over nodes and threads in turn. */
export function idleDevices(count: number, nodes: readonly string[], threads: number, wire = true): DeviceSpec[][] {
  const devices: DeviceSpec[][] = Array.from({ length: threads }, () => [])
  for (let n = 0; n < count; n += 1) {
    const node = nodes[Math.floor(n / threads) % nodes.length]!
    const spec = { user: `idle-${n}`, device: `idle-${n}.1`, nodes: [node], judged: false, idle: true }
    devices[n % threads]!.push(wire ? { ...spec, wire: { to: spec.user, body: '' } } : spec)
  }
  return devices
}

/** What each thread sends, in the order of time. @param due of each traffic, on the host's clock */
export function planSends(
  cast: Cast,
  traffic: readonly Traffic[],
  due: readonly (readonly number[])[],
  { threads, measured }: { threads: number; measured: boolean },
): PlannedSend[][] {
  const sends: PlannedSend[][] = Array.from({ length: threads }, () => [])
  for (const [stream, { kind, bodyBytes, prompts }] of traffic.entries()) {
    const senders = cast.senders[stream]!
    for (const [n, dueMs] of due[stream]!.entries()) {
      const { thread, from, to } = senders[n % senders.length]!
      const body = kind === 'chat' ? textOf(n, bodyBytes) : (prompts[n % Math.max(1, prompts.length)]?.text ?? `question ${n}`)
      sends[thread]!.push({ kind, dueMs, from, to, body, measured })
    }
  }
  for (const own of sends) own.sort((a, b) => a.dueMs - b.dueMs)
  return sends
}

export function textOf(n: number, bytes: number): string {
  return `message ${n} `.padEnd(bytes, '.').slice(0, Math.max(1, bytes))
}
