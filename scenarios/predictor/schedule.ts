import { EVENT, EventQueue } from './events.ts'
import { Gpu } from './gpu.ts'
import { type BrokerModel, checkModel, ModelError, type ModelTask, type ModelWorker, type Schedule } from './model.ts'
import { consumerTurns, rotatingTurns, type Turns } from './turns.ts'
import { UserLimit } from './user-limit.ts'

const QUORUM_UNLIMITED_TASKS = 2_000

/** Where and when each task runs when a broker fills prefetch windows, oldest first. */
export function predictSchedule(tasks: readonly ModelTask[], workers: readonly ModelWorker[], broker: BrokerModel = {}): Schedule {
  const { queueType = 'classic' } = broker
  checkModel(tasks, workers, broker)
  const unlimited = queueType === 'quorum' ? QUORUM_UNLIMITED_TASKS : Number.POSITIVE_INFINITY
  const windows = workers.map(w => (w.prefetchTasks === 0 ? unlimited : w.prefetchTasks))
  return new Run(tasks, workers, windows, broker, consumerTurns(workers.map(w => w.priority ?? 0))).schedule()
}

/** The reference: same tasks and GPUs, FIFO, no gap, idle GPUs in turn. */
export function idealSchedule(tasks: readonly ModelTask[], workers: readonly ModelWorker[]): Schedule {
  checkModel(tasks, workers)
  const slots = workers.map(w => w.slots ?? 1) // A window of the slots: tasks go out only to start.
  const eager = workers.map(worker => ({ ...worker, backlogMin: 0 }))
  return new Run(tasks, eager, slots, {}, rotatingTurns(workers.length)).schedule()
}

/** Whole nanoseconds: 3.5 x 20 ms equals 70 ms, so that a tie is a tie. Exact for 104 days. */
const nanoseconds = (ms: number) => {
  const ns = Math.round(ms * 1e6)
  if (!Number.isSafeInteger(ns)) throw new ModelError(`expected times within 104 days, got ${ms} ms`)
  return ns
}
const milliseconds = (ns: number) => ns / 1e6

interface WorkerState {
  window: number
  slots: number
  /** Sent and not yet settled, as the broker sees it. */
  held: number
  running: number
  buffer: number[]
  /** Taken from the front of the buffer. */
  taken: number
  gpu: Gpu
  /** A worker with a `backlogMin` asks, the others are served. */
  backlogMin: number
  connected: boolean
  lookDue: boolean
}

class Run {
  readonly #tasks: readonly ModelTask[]
  readonly #workers: readonly ModelWorker[]
  readonly #turns: Turns
  readonly #toBrokerNs: number
  readonly #toWorkerNs: number
  readonly #occupiedNs: number
  readonly #lookNs: number
  readonly #users: UserLimit
  readonly #hasThreshold: boolean
  /** Tasks in the broker's order; those before `#sent` have a worker. */
  readonly #queue: number[] = []
  readonly #states: WorkerState[]
  readonly #events = new EventQueue()
  readonly #schedule: Schedule
  #published = 0
  #sent = 0

  constructor(
    tasks: readonly ModelTask[],
    workers: readonly ModelWorker[],
    windows: readonly number[],
    { gapMs = 0, occupiedMs = 0, lookMs = 0, userTasksAtOnce = 0 }: BrokerModel,
    turns: Turns,
  ) {
    // Stable: equal times keep their order.
    this.#tasks = tasks.toSorted((a, b) => a.publishedMs - b.publishedMs)
    this.#workers = workers
    this.#turns = turns
    this.#toBrokerNs = Math.floor(nanoseconds(gapMs) / 2)
    this.#toWorkerNs = nanoseconds(gapMs) - this.#toBrokerNs
    this.#occupiedNs = nanoseconds(occupiedMs)
    this.#lookNs = nanoseconds(lookMs)
    this.#users = new UserLimit(this.#tasks, userTasksAtOnce)
    this.#hasThreshold = workers.some(w => (w.backlogMin ?? 0) > 0)
    this.#states = workers.map((w, index) => {
      const idle = { held: 0, running: 0, buffer: [], taken: 0, connected: false, lookDue: false }
      return { ...idle, window: windows[index]!, slots: w.slots ?? 1, backlogMin: w.backlogMin ?? 0, gpu: new Gpu(w.batching ?? [1]) }
    })
    this.#schedule = this.#tasks.map(({ id, publishedMs }) => {
      const at = milliseconds(nanoseconds(publishedMs))
      return { task: id, worker: '', publishedMs: at, sentMs: at, deliveredMs: at, startedMs: at, endedMs: at }
    })
  }

  schedule(): Schedule {
    for (const [worker, { connectedMs }] of this.#workers.entries()) {
      if (connectedMs === undefined || connectedMs === Number.NEGATIVE_INFINITY) this.#connect(worker)
      else this.#events.add({ atNs: nanoseconds(connectedMs), kind: EVENT.connected, worker, subject: 0 })
    }
    this.#awaitPublish()
    for (let event = this.#events.next(); event !== undefined; event = this.#events.next()) {
      const { atNs, kind, worker, subject } = event
      if (kind === EVENT.published) this.#publish(atNs)
      else if (kind === EVENT.connected) {
        this.#connect(worker)
        this.#dispatch(atNs)
      } else if (kind === EVENT.looked) this.#look(worker, atNs)
      else if (kind === EVENT.delivered) this.#deliver(worker, subject, atNs)
      else if (kind === EVENT.slotFreed) this.#freeSlot(worker, subject, atNs)
      else if (kind === EVENT.settled) this.#settle(worker, subject, atNs)
      else if (subject === this.#states[worker]!.gpu.version) this.#end(worker, atNs)
    }
    return this.#schedule
  }

  /** One publish in the event queue keeps it short. */
  #awaitPublish(): void {
    const task = this.#tasks[this.#published]
    if (task !== undefined) this.#events.add({ atNs: nanoseconds(task.publishedMs), kind: EVENT.published, worker: -1, subject: 0 })
  }

  #publish(nowNs: number): void {
    if (this.#users.asks(this.#published)) this.#queue.push(this.#published)
    this.#published++
    this.#dispatch(nowNs)
    this.#awaitPublish()
  }

  #connect(worker: number): void {
    const state = this.#states[worker]!
    state.connected = true
    if (state.backlogMin === 0) this.#turns.offer(worker)
  }

  #dispatch(nowNs: number): void {
    while (this.#sent < this.#queue.length) {
      const worker = this.#turns.take()
      if (worker === undefined) break
      const state = this.#states[worker]!
      this.#send(worker, nowNs)
      if (state.held < state.window) this.#turns.offer(worker)
    }
    if (!this.#hasThreshold) return
    for (const [worker, state] of this.#states.entries()) {
      if (state.lookDue || !this.#takesFromBacklog(state)) continue
      state.lookDue = true
      const atNs = this.#lookNs === 0 ? nowNs : nowNs + this.#lookNs - (((nowNs % this.#lookNs) + this.#lookNs) % this.#lookNs)
      this.#events.add({ atNs, kind: EVENT.looked, worker, subject: 0 })
    }
  }

  #takesFromBacklog({ backlogMin, connected, held, window }: WorkerState): boolean {
    const ready = this.#queue.length - this.#sent
    if (backlogMin === 0 || !connected || held >= window || ready === 0) return false
    return ready >= backlogMin || !this.#states.some(other => other.connected && other.backlogMin === 0)
  }

  #look(worker: number, nowNs: number): void {
    const state = this.#states[worker]!
    state.lookDue = false
    if (this.#takesFromBacklog(state)) this.#send(worker, nowNs)
    this.#dispatch(nowNs)
  }

  #send(worker: number, nowNs: number): void {
    const task = this.#queue[this.#sent++]!
    this.#states[worker]!.held++
    const placement = this.#schedule[task]!
    placement.worker = this.#workers[worker]!.name
    placement.sentMs = milliseconds(nowNs)
    this.#events.add({ atNs: nowNs + this.#toWorkerNs, kind: EVENT.delivered, worker, subject: task })
  }

  #deliver(worker: number, task: number, nowNs: number): void {
    this.#schedule[task]!.deliveredMs = milliseconds(nowNs)
    this.#states[worker]!.buffer.push(task)
    this.#start(worker, nowNs)
  }

  #start(worker: number, nowNs: number): void {
    const state = this.#states[worker]!
    while (state.running < state.slots && state.taken < state.buffer.length) {
      const task = state.buffer[state.taken++]!
      state.running++
      this.#schedule[task]!.startedMs = milliseconds(nowNs)
      state.gpu.join(task, nanoseconds(this.#tasks[task]!.serviceMs[worker]!), nowNs)
      this.#forecast(worker)
    }
  }

  #forecast(worker: number): void {
    const { gpu } = this.#states[worker]!
    const atNs = gpu.nextEndNs()
    if (atNs !== undefined) this.#events.add({ atNs, kind: EVENT.streamEnds, worker, subject: gpu.version })
  }

  #end(worker: number, nowNs: number): void {
    const state = this.#states[worker]!
    for (const task of state.gpu.leave(nowNs)) {
      this.#schedule[task]!.endedMs = milliseconds(nowNs)
      this.#events.add({ atNs: nowNs + this.#occupiedNs, kind: EVENT.slotFreed, worker, subject: task })
    }
    this.#forecast(worker)
  }

  #freeSlot(worker: number, task: number, nowNs: number): void {
    this.#states[worker]!.running--
    this.#events.add({ atNs: nowNs + this.#toBrokerNs, kind: EVENT.settled, worker, subject: task })
    this.#start(worker, nowNs)
  }

  #settle(worker: number, task: number, nowNs: number): void {
    const state = this.#states[worker]!
    state.held--
    const released = this.#users.settled(task)
    if (released !== undefined) this.#queue.push(released)
    if (state.backlogMin === 0) this.#turns.offer(worker)
    this.#dispatch(nowNs)
  }
}
