import type { Ended } from '#evidence/history'
import { hostNowMs } from '../lab/clock.ts'
import type { Lab } from '../lab/lab.ts'
import { pause } from '../lab/until.ts'
import type { GpuLogs } from './gpu-logs.ts'
import { heldTasks } from './held.ts'

/** What an arm must have come to before it is judged: nothing left to do. */

/** A device of a script or of a generator thread. */
export interface RestingDevice {
  name: string
  user: string
  /** Messages. */
  shown: number
  online: boolean
  pendingSends: number
  sequenced: boolean
  /** The last seq that it has shown, by conversation. */
  cursors: Readonly<Record<string, number>>
}

export interface Resting {
  lab: Lab
  logs: GpuLogs
  /** Devices that are online. */
  devices: Iterable<RestingDevice>
  /** Workers that should be running. */
  workers: readonly string[]
}

const EVERY_MS = 100
/** Enough of what is still busy. */
const REASONS_MAX = 10

/** Waits until nothing is left to do. @param look what there is now
 *  @param orWhen ends it early; @returns in words why */
export async function settled(
  look: () => Resting | Promise<Resting>,
  {
    withinMs,
    signal,
    orWhen = async () => undefined,
  }: { withinMs: number; signal: AbortSignal; orWhen?: () => Promise<string | undefined> },
): Promise<{ ended: Ended; lastSeen: string }> {
  const untilMs = hostNowMs() + withinMs
  let [calm, last, lastSeen] = [0, -1, 'nothing yet']
  while (hostNowMs() < untilMs) {
    const ended = await orWhen()
    if (ended !== undefined) return { ended: 'own-condition', lastSeen: ended }
    const { reasons, activity } = await Promise.try(look)
      .then(restless)
      .catch((error: unknown) => ({ reasons: [error instanceof Error ? error.message : String(error)], activity: -1 }))
    // Twice in a row: neither side sees a task between broker and worker.
    calm = reasons.length === 0 && activity === last ? calm + 1 : 0
    last = activity
    lastSeen = reasons.slice(0, REASONS_MAX).join('; ') || 'idle, once'
    if (calm >= 2) return { ended: 'rest', lastSeen: 'nothing left to do' }
    await pause(EVERY_MS, signal)
  }
  return { ended: 'deadline', lastSeen }
}

/** What is busy, in words, and a number that changes with any activity. */
async function restless({ lab, logs, devices, workers }: Resting): Promise<{ reasons: string[]; activity: number }> {
  const online = [...devices]
  const [queues, held, running, owed, behind] = await Promise.all([
    waitingInQueues(lab, workers.length),
    heldByWorkers(lab, workers),
    logs.read(),
    unpublished(lab),
    behindHead(lab, online),
  ])
  const reasons = [...queues, ...held, ...behind]
  if (running > 0) reasons.push(`${running} inferences run`)
  if (owed > 0) reasons.push(`${owed} tasks are stored and not published`)
  const shown = online.reduce((sum, device) => sum + device.shown, 0)
  return { reasons, activity: shown + logs.count }
}

async function waitingInQueues(lab: Lab, workers: number): Promise<string[]> {
  const settings = lab.settings(lab.plan.imNodes[0] ?? '')
  const fanOut = lab.plan.imNodes.map(node => settings.fanoutQueueName.replaceAll('{node}', node)).filter(name => name !== '')
  const work = lab.workQueues
  const counts = await Promise.all([...new Set([...work, ...fanOut])].map(async name => ({ name, count: await lab.queue(name) })))
  return counts.flatMap(({ name, count }) => {
    if (count === undefined) return [`${name} is not there`]
    const found = count.ready > 0 ? [`${count.ready} ready in ${name}`] : []
    // A killed worker stays a consumer until the broker has noticed; its tasks come back only then.
    if (work.includes(name) && count.consumers > workers) found.push(`${name} has ${count.consumers} consumers, ${workers} workers run`)
    return found
  })
}

async function heldByWorkers(lab: Lab, workers: readonly string[]): Promise<string[]> {
  const answers = heldTasks(await lab.held())
  return workers.flatMap(name => {
    const own = answers.get(name)
    if (own === undefined) return [`${name} does not say what it holds`]
    return own.held > 0 ? [`${name} holds ${own.held}`] : []
  })
}

async function unpublished(lab: Lab): Promise<number> {
  const [row] = await lab.sql<{ count: number }>("select count(*)::int as count from tasks where published_at is null and state = 'queued'")
  return row?.count ?? 0
}

/** By stored heads: a client cannot miss what it never heard of. */
async function behindHead(lab: Lab, devices: readonly RestingDevice[]): Promise<string[]> {
  const busy = devices.filter(({ online, pendingSends }) => !online || pendingSends > 0).map(({ name }) => `${name} is not done sending`)
  if (!devices.some(({ sequenced }) => sequenced)) return busy
  const rows = await lab.sql<{ user_id: string; conversation: string; head: number }>(
    'select m.user_id, c.id as conversation, c.head_seq::int as head from members m join conversations c on c.id = m.conversation where m.user_id = any ($1)',
    [[...new Set(devices.map(device => device.user))]],
  )
  const heads = Map.groupBy(rows, row => row.user_id)
  const behind = devices.filter(({ user, cursors }) =>
    (heads.get(user) ?? []).some(({ conversation, head }) => (cursors[conversation] ?? 0) < head),
  )
  return [...busy, ...behind.map(({ name }) => `${name} has not shown all`)]
}
