import { gpuProfile } from '#contracts/gpu-profiles'
import { attachLab, hostNowMs, type Lab, LabError, pause, settingsOf } from '#lab'
import { Recorder } from '../experiment/recorder.ts'
import { Act } from './acts.ts'
import { Chat } from './chat.ts'
import { Crowd, capacityOf, crowdMax } from './crowd.ts'
import type { Frame, LabFrame } from './frames.ts'
import { Hand } from './hand.ts'
import { LabBook } from './log.ts'
import { Person } from './person.ts'
import { saveSession } from './save.ts'
import type { Served } from './server.ts'
import { Tasks } from './tasks.ts'
import { Watch } from './watch.ts'

/** The live page's other half: it looks at the lab, acts on it, and keeps what every page shows. */

const LOOK_EVERY_MS = 250
const CHAT_EVERY_MS = 100
/** Of the history, which a saved run holds; the oldest half goes first. */
const EVENTS_MAX = 100_000
/** States of parts cost more: each looks at all processes. In looks. */
const PARTS_EVERY = 8
/** Somebody asks on for nobody: the crowd leaves when no page was open for this long. */
const UNSEEN_MAX_MS = 15 * 60_000

type Sections = Omit<Frame, 'whole' | 'atMs' | 'tasks' | 'forgetBelow' | 'log' | 'flow'>

export class Console implements Pick<Served, 'join' | 'act'>, AsyncDisposable {
  readonly #lab: Lab
  readonly #recorder = new Recorder()
  readonly #timeScale: number
  readonly #tasks: Tasks
  readonly #watch: Watch
  readonly #crowd: Crowd
  readonly #book = new LabBook()
  readonly #chat: Chat
  readonly #hand: Hand
  #soon = false
  readonly #stop = new AbortController()
  readonly #pages = new Set<(frame: Frame) => void>()
  #flow: Record<string, number> = {}
  #sections: Sections = {}
  #looks = 0
  #seenAtMs = hostNowMs()
  #woken = Promise.withResolvers<void>()
  readonly #running: Promise<void>

  /** @param name of a lab that is up, or is starting */
  static async open(name: string): Promise<Console> {
    return new Console(await attachLab(name))
  }

  private constructor(lab: Lab) {
    this.#lab = lab
    const { timeScale, seed, answerTokensMax } = settingsOf(lab.plan, lab.plan.imNodes[0] ?? '')
    this.#timeScale = timeScale
    this.#tasks = new Tasks({ zeroMs: this.#recorder.zeroMs, timeScale })
    this.#watch = new Watch(lab, this.#tasks, step => this.#flowed(step))
    this.#crowd = new Crowd({
      ...{ seed, timeScale, answerTokensMax, signal: this.#stop.signal },
      join: index => this.#join(index),
      open: () => this.#tasks.waiting,
      onSent: ({ task }, dueMs) => {
        if (task === undefined) return
        this.#tasks.asked(task, dueMs)
        this.#flowed('queue')
      },
    })
    const hooks = {
      onAsked: (task: string) => {
        this.#tasks.asked(task, hostNowMs())
        this.#flowed('queue')
      },
      onFlow: (step: string) => this.#flowed(step),
      onOver: (task: string) => this.#tasks.over(task, hostNowMs()),
      onChange: () => this.#emitSoon(),
    }
    this.#chat = new Chat(lab, this.#recorder, hooks, this.#stop.signal)
    this.#hand = new Hand({
      lab,
      crowd: this.#crowd,
      chat: this.#chat,
      timeScale,
      save: () => this.#save(),
      onAct: done => this.#note(done),
      onChange: () => this.#emitSoon(),
    })
    this.#sections = { lab: this.#labFrame(), crowd: { perSecond: 0, refused: 0 }, faults: {} }
    this.#running = this.#run()
  }

  join(send: (frame: Frame) => void): { whole: () => Frame; leave: () => void } {
    this.#pages.add(send)
    this.#seenAtMs = hostNowMs()
    this.#woken.resolve()
    return { whole: () => this.#whole(), leave: () => this.#pages.delete(send) }
  }

  async act(input: unknown): Promise<{ error?: { code: string; detail: string } }> {
    const parsed = Act.safeParse(input)
    if (!parsed.success) return { error: { code: 'BAD_ACT', detail: parsed.error.issues[0]?.message ?? '' } }
    const act = parsed.data
    try {
      await this.#hand.act(act)
      return {}
    } catch (error) {
      const code = error instanceof LabError ? error.code : 'FAILED'
      const detail = error instanceof Error ? error.message : String(error)
      this.#book.write('failed', { act: act.act, code, detail })
      return { error: { code, detail } }
    } finally {
      this.#looks = 0 // The parts' states too, at the next look.
      this.#woken.resolve()
    }
  }

  async #save(): Promise<void> {
    this.#book.write('saved', { folder: await saveSession(this.#lab.name, this.#recorder) })
  }

  /** What somebody said stands in the chat. */
  #note(act: Act): void {
    const { act: code, ...values } = 'text' in act ? { ...act, text: '' } : act
    this.#book.write(code, values)
  }

  /** Looks while anybody sees it, or the crowd asks; otherwise it rests. */
  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      if (this.#pages.size > 0) this.#seenAtMs = hostNowMs()
      else if (this.#crowd.perSecond > 0 && hostNowMs() - this.#seenAtMs > UNSEEN_MAX_MS) {
        this.#crowd.ask(0)
        this.#book.write('crowd-left')
      }
      if (this.#pages.size === 0 && this.#crowd.perSecond === 0) {
        await this.#woken.promise // The end resolves it too.
        this.#woken = Promise.withResolvers()
        continue
      }
      // A part that is down is part of the picture: the next look tells.
      await this.#look().catch(() => undefined)
      await pause(LOOK_EVERY_MS, signal).catch(() => undefined)
    }
  }

  async #look(): Promise<void> {
    const withParts = this.#looks % PARTS_EVERY === 0 && this.#pages.size > 0
    this.#looks += 1
    const [look, parts] = await Promise.all([this.#watch.look(), withParts ? this.#watch.parts() : undefined])
    if (this.#recorder.events.length > EVENTS_MAX) this.#recorder.events.splice(0, EVENTS_MAX / 2)
    if (this.#pages.size > 0) this.#chat.enter()
    const crowd = { perSecond: this.#crowd.perSecond, refused: this.#crowd.refused }
    this.#emit({ ...look, ...(parts === undefined ? {} : { parts }), crowd, faults: this.#hand.faults })
  }

  /** What people write or read is shown at once, but no faster than eyes need. */
  #emitSoon(): void {
    if (this.#soon || this.#pages.size === 0) return
    this.#soon = true
    void pause(CHAT_EVERY_MS, this.#stop.signal).then(
      () => {
        this.#soon = false
        this.#emit({})
      },
      () => undefined,
    )
  }

  /** What changed goes to every page. */
  #emit(given: Sections): void {
    const now = { ...given, chat: this.#chat.frames(), story: this.#hand.story }
    const changed = Object.fromEntries(
      Object.entries(now).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(this.#sections[key as keyof Sections])),
    )
    this.#sections = { ...this.#sections, ...now }
    const tasks = this.#tasks.take(hostNowMs())
    const log = this.#book.take()
    const flow = this.#flow
    this.#flow = {}
    const frame: Frame = {
      atMs: this.#nowMs(),
      ...changed,
      ...(tasks.length === 0 ? {} : { tasks }),
      forgetBelow: this.#tasks.forgetBelow,
      ...(log.length === 0 ? {} : { log }),
      ...(Object.keys(flow).length === 0 ? {} : { flow }),
    }
    for (const send of this.#pages) send(frame)
  }

  #whole(): Frame {
    return { whole: true, atMs: this.#nowMs(), ...this.#sections, tasks: this.#tasks.all(), log: this.#book.all() }
  }

  #nowMs(): number {
    return Math.round(this.#recorder.nowMs() * this.#timeScale)
  }

  #flowed(step: string): void {
    this.#flow[step] = (this.#flow[step] ?? 0) + 1
  }

  #join(index: number): Promise<Person> {
    const { imNodes } = this.#lab.plan
    const first = index % imNodes.length
    return Person.online(this.#lab, this.#recorder, {
      user: `crowd-${index + 1}`,
      nodes: [...imNodes.slice(first), ...imNodes.slice(0, first)],
      signal: this.#stop.signal,
      onMessage: (frame, node) => {
        this.#flowed(frame.task === undefined ? `in:${node}` : `out:${node}`)
        if (frame.answered === false && frame.task !== undefined) this.#tasks.over(frame.task, hostNowMs())
      },
    })
  }

  #labFrame(): LabFrame {
    const { plan, name, runtime } = this.#lab
    const capacity = capacityOf(this.#lab)
    return {
      ...{ name, runtime, timeScale: this.#timeScale, nodes: plan.imNodes },
      robot: settingsOf(plan, plan.imNodes[0] ?? '').robotUser,
      workers: plan.workers.map(worker => {
        const gpu = plan.gpus.find(other => other.name === worker.gpu)
        const simulated = gpu !== undefined && gpu.url === undefined
        return { name: worker.name, gpu: worker.gpu, card: simulated ? gpuProfile(gpu.profile).name : 'model server', simulated }
      }),
      crowdMaxPerSecond: crowdMax(capacity, this.#timeScale),
      capacityPerSecond: capacity ?? null,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#woken.resolve()
    await this.#running
    await this.#crowd.leave()
    await this.#chat.leave()
    await this.#lab[Symbol.asyncDispose]()
  }
}
