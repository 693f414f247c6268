import { draw } from '#contracts/gpu-timing'
import type { EventOf, History, HistoryEvent } from '../history.ts'

type Message = Omit<EventOf<'shown'>, 'kind' | 'atMs' | 'user' | 'device' | 'conversation' | 'seq'>

const ATTEMPTS_MAX = 3

/** Events of a correct system: each message numbered, on each device of both members. */
class CorrectSystem {
  readonly events: HistoryEvent[] = []
  readonly users: { name: string; devices: string[] }[]
  #heads = new Map<string, number>()

  constructor(users: { name: string; devices: string[] }[]) {
    this.users = users
  }

  store(atMs: number, message: Message, from?: { device: string }): { conversation: string; seq: number } {
    const conversation = [message.sender, message.to].sort().join('~')
    const seq = (this.#heads.get(conversation) ?? 0) + 1
    this.#heads.set(conversation, seq)
    const { sender, clientMessageId, task } = message
    this.events.push({ kind: 'message-row', atMs, conversation, seq, sender, clientMessageId })
    if (from !== undefined)
      this.events.push({
        kind: 'stored',
        atMs,
        user: sender,
        device: from.device,
        clientMessageId,
        conversation,
        seq,
        ...(task === undefined ? {} : { task }),
      })
    const { task: _prompt, ...prompt } = message
    for (const user of this.users.filter(u => u.name === message.sender || u.name === message.to)) {
      for (const device of user.devices)
        this.events.push({
          kind: 'shown',
          atMs: atMs + 0.5,
          user: user.name,
          device,
          conversation,
          seq,
          ...(from === undefined ? message : prompt),
        })
    }
    return { conversation, seq }
  }
}

/** A made-up valid history: users chat and ask, two workers answer in order. Seeded. */
export function validHistory(seed: number): History {
  const pick = (key: string, below: number) => Math.floor(draw(seed, key, 'valid-history') * below)
  const users = Array.from({ length: 3 + pick('users', 4) }, (_, i) => ({
    name: `u${i}`,
    devices: Array.from({ length: 1 + pick(`devices${i}`, 3) }, (_d, d) => `u${i}.${d}`),
  }))
  const system = new CorrectSystem(users)
  const { events } = system
  const workers = [
    { name: 'worker-fast', prefetchTasks: 1, slots: 1, freeAtMs: 0, serviceMs: 20 },
    { name: 'worker-slow', prefetchTasks: 1, slots: 1, freeAtMs: 0, serviceMs: 70 },
  ]
  const pending: { atMs: number; answer(): void }[] = []
  const settle = (untilMs: number) => {
    pending.sort((a, b) => a.atMs - b.atMs)
    while (pending[0] !== undefined && pending[0].atMs <= untilMs) pending.shift()?.answer()
  }
  // Each device writes once to be known; then users chat, each third message a prompt.
  const devices = users.flatMap(user => user.devices.map(device => ({ user, device })))
  for (const { user, device } of devices) events.push({ kind: 'online', atMs: 0, user: user.name, device, node: 'im-a' })
  /** Until when a user's question is open: one at a time, so no answer passes another. */
  const openUntilMs = new Map<string, number>()
  const steps = devices.length + 30 + pick('steps', 30)
  for (let step = 0; step < steps; step++) {
    const atMs = 10 + step * 25
    settle(atMs)
    const writer = devices[step] ?? devices[pick(`writer${step}`, devices.length)]
    if (writer === undefined) throw new Error('valid-history: no device')
    const { user, device } = writer
    const asks = step >= devices.length && step % 3 === 0 && (openUntilMs.get(user.name) ?? 0) < atMs
    const others = users.filter(other => other !== user)
    const to = asks ? 'URobot' : (others[pick(`to${step}`, others.length)]?.name ?? 'u0')
    const clientMessageId = `m${step}`
    events.push({ kind: 'send', atMs, user: user.name, device, to, clientMessageId })
    const task = `task-${step}`
    const { conversation, seq } = system.store(atMs + 1, { sender: user.name, to, clientMessageId, ...(asks ? { task } : {}) }, { device })
    if (!asks) continue
    const [worker] = [...workers].sort((a, b) => a.freeAtMs - b.freeAtMs)
    if (worker === undefined) throw new Error('valid-history: no worker')
    const startedAtMs = Math.max(atMs + 2, worker.freeAtMs)
    // A poison costs its allowance of inferences, one after the other.
    const failed = pick(`fails${step}`, 8) === 0
    const attempts = failed ? ATTEMPTS_MAX : 1
    const endedAtMs = startedAtMs + attempts * worker.serviceMs
    worker.freeAtMs = endedAtMs
    openUntilMs.set(user.name, endedAtMs)
    pending.push({
      atMs: endedAtMs,
      answer() {
        events.push({ kind: 'held', atMs: startedAtMs, worker: worker.name, held: 1, running: 1 })
        if (failed) events.push({ kind: 'marked', atMs: startedAtMs, task, as: 'poison' })
        for (let attempt = 1; attempt <= attempts; attempt++) {
          const fromMs = startedAtMs + (attempt - 1) * worker.serviceMs
          const outcome = failed ? 'failed' : 'done'
          const toMs = fromMs + worker.serviceMs
          events.push({
            kind: 'inference',
            atMs: fromMs,
            task,
            attempt,
            worker: worker.name,
            startedAtMs: fromMs,
            endedAtMs: toMs,
            outcome,
          })
        }
        system.store(endedAtMs, { sender: 'URobot', to: user.name, clientMessageId: `answer-${step}`, task, answered: !failed })
        events.push({
          kind: 'task-row',
          atMs: 1e6,
          task,
          conversation,
          seq,
          asker: user.name,
          state: failed ? 'failed' : 'answered',
          attempts,
        })
        if (failed) events.push({ kind: 'dead', atMs: 1e6, task })
      },
    })
  }
  settle(Number.POSITIVE_INFINITY)
  events.push({ kind: 'queue', atMs: 1e6, queue: 'bot.tasks', ready: 0, consumers: 2 })
  events.push({ kind: 'rest', atMs: 1e6, ended: 'rest', lastSeen: 'nothing left to do' })
  events.sort((a, b) => a.atMs - b.atMs)
  return { events, sequenced: true, robot: 'URobot', workers, attemptsMax: ATTEMPTS_MAX }
}
