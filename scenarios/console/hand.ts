import { changeLab, type Lab, LabError } from '#lab'
import { type Act, GPU_FAULTS, type GpuFault } from './acts.ts'
import type { Chat } from './chat.ts'
import { type Crowd, capacityOf, crowdMax } from './crowd.ts'
import type { StoryFrame } from './frames.ts'
import { type Act as StoryAct, story } from './stories.ts'

/** Does what a person asks on the page, by the lab's own verbs. */

export interface HandOptions {
  lab: Lab
  crowd: Crowd
  chat: Chat
  timeScale: number
  save(): Promise<void>
  /** Each act, those of a story too, before it is done. */
  onAct(act: Act): void
  /** Something to be seen. */
  onChange(): void
}

export class Hand {
  readonly #options: HandOptions
  readonly #faults: Record<string, GpuFault> = {}
  #story: StoryFrame | null = null

  constructor(options: HandOptions) {
    this.#options = options
  }

  get faults(): Record<string, GpuFault> {
    return { ...this.#faults }
  }

  get story(): StoryFrame | null {
    return this.#story
  }

  /** Resolves when it is done. Throws what the lab refuses. */
  async act(act: Act): Promise<void> {
    if (act.act === 'story' || act.act === 'click') this.#options.onAct(act)
    if (act.act === 'story') await this.#tell(act.name)
    else if (act.act === 'click') await this.#click()
    else await this.#do(act)
  }

  /** Sets a story's scene. */
  async #tell(name: StoryFrame['name'] | null): Promise<void> {
    this.#story = name === null ? null : { name, step: 'setting' }
    this.#options.onChange()
    if (name === null) return
    for (const act of story(name, this.#stage()).scene) {
      // Another was chosen meanwhile.
      if (this.#story?.name !== name) return
      await this.#do(act)
    }
    this.#story = { name, step: 'ready' }
  }

  async #click(): Promise<void> {
    const now = this.#story
    if (now?.step !== 'ready') return
    this.#story = { ...now, step: 'clicked' }
    for (const act of story(now.name, this.#stage()).click) await this.#do(act)
  }

  #stage() {
    const { workers, gpus, imNodes: nodes } = this.#options.lab.plan
    const simulated = gpus.filter(({ url }) => url === undefined).map(({ name }) => name)
    const capacity = capacityOf(this.#options.lab) ?? crowdMax(undefined, this.#options.timeScale)
    return { workers: workers.map(({ name }) => name), gpus: simulated, nodes, capacity }
  }

  async #do(act: StoryAct): Promise<void> {
    this.#options.onAct(act)
    switch (act.act) {
      case 'save':
        await this.#options.save()
        break
      case 'say':
        await this.#options.chat.say(act.who, act.to, act.text)
        break
      case 'cancel':
        await this.#options.chat.cancel(act.who, act.task)
        break
      case 'crowd': {
        const most = crowdMax(capacityOf(this.#options.lab), this.#options.timeScale)
        this.#options.crowd.ask(Math.min(act.perSecond, most))
        break
      }
      case 'orders': {
        const { worker, workerPrefetchTasks, workerSlots } = act
        await changeLab(this.#options.lab.name, lab => lab.order(worker, { workerPrefetchTasks, workerSlots }))
        break
      }
      case 'part':
        if (act.part === 'console') throw new LabError('UNKNOWN_PART', 'console: it cannot act on itself')
        await changeLab(this.#options.lab.name, lab => lab[act.verb](act.part))
        break
      case 'fault':
        await this.#options.lab.faults(act.gpu, GPU_FAULTS[act.fault])
        this.#faults[act.gpu] = act.fault
        break
    }
  }
}
