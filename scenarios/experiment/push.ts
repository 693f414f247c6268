import { answerDirective } from '#contracts/gpu-timing'
import { conversationId, taskId } from '#contracts/ids'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import type { ModelTask } from '#predictor'
import { eachAtItsTime, hostNowMs } from '../lab/clock.ts'
import type { Lab } from '../lab/lab.ts'
import { closedDoor } from '../lab/link/closed-door.ts'
import { settingsOf } from '../lab/plan.ts'
import { askOnce } from '../lab/real-model/ask-once.ts'
import { Balancer, type BalancerOptions, type Server } from './balancer.ts'
import type { Recorder } from './recorder.ts'

/** Users whose prompts go straight to the model servers: no node, no queue, nothing is stored. */

export interface PushOptions extends BalancerOptions {
  /** For a whole answer, the wait at the server included. Milliseconds. */
  answerMs: number
  /** GPUs behind NAT: no connection from outside reaches them. */
  unreachable?: readonly string[]
}

interface PushedPrompt {
  task: string
  text: string
}

interface PushingLab {
  lab: Lab
  recorder: Recorder
  signal: AbortSignal
  closing: AsyncDisposableStack
}

/** Where every message is answered the answer takes the next place. */
const PLACES_A_PROMPT = 2

/** Users with a balancer before the GPUs. Their draws are those of `lab.users` with the same
 *  prompts, as their tasks have the same ids. */
export class PushAskers {
  readonly #recorder: Recorder
  readonly #signal: AbortSignal
  readonly #balancer: Balancer<PushedPrompt>
  readonly #users: number
  readonly #robot: string
  readonly #open: Promise<void>[] = []
  #asked = 0

  private constructor({ lab, recorder, signal }: PushingLab, users: number, balancer: Balancer<PushedPrompt>) {
    this.#recorder = recorder
    this.#signal = signal
    this.#balancer = balancer
    this.#users = users
    this.#robot = settingsOf(lab.plan, '').robotUser
  }

  static async behind(parts: PushingLab, users: number, { answerMs, unreachable = [], ...options }: PushOptions): Promise<PushAskers> {
    const { lab, signal } = parts
    const { model, answerTokensMax: tokens } = settingsOf(lab.plan, '')
    const urls = new Map(lab.plan.gpus.map(({ name }) => [name, lab.url(name)]))
    for (const gpu of unreachable) urls.set(gpu, await addressOfNat(parts, gpu))
    const servers = [...urls].map(([name, url]): Server<PushedPrompt> => {
      const worker = `balancer.${name}`
      return {
        name,
        ask({ task, text: prompt }) {
          const headers = { [INFERENCE_HEADERS.task]: task, [INFERENCE_HEADERS.attempt]: '1', [INFERENCE_HEADERS.worker]: worker }
          return askOnce({ url, headers }, { model, prompt, tokens, think: false }, answerMs, signal)
        },
      }
    })
    return new PushAskers(parts, users, new Balancer(servers, options, hostNowMs))
  }

  /** Has one short prompt of each user answered. Measures begin after it. */
  async warmUp(): Promise<void> {
    await this.askEach(Array.from({ length: this.#users }, (_, i) => `warm-up ${i} ${answerDirective(1)}`))
    await this.ended()
    this.#recorder.record({ kind: 'measured' })
  }

  /** Asks all prompts at once, each by the next user in turn. */
  async askEach(prompts: readonly string[]): Promise<void> {
    for (const prompt of prompts) this.#ask(prompt)
  }

  /** Asks each prompt at its own time (open loop). Resolves when the last is on its way.
   *  @param tasks `publishedMs` counts from now */
  async askAt(tasks: readonly Pick<ModelTask, 'publishedMs'>[]): Promise<void> {
    const startMs = hostNowMs()
    const atMs = tasks.map(task => startMs + task.publishedMs)
    await eachAtItsTime(atMs, this.#signal, i => this.#ask(`question ${i}`, atMs[i]))
    this.#signal.throwIfAborted()
  }

  /** Until every prompt has its answer or its error. */
  async ended(): Promise<void> {
    await Promise.all(this.#open.splice(0))
  }

  #ask(text: string, dueMs?: number): void {
    this.#signal.throwIfAborted()
    const user = `user-${this.#asked % this.#users}`
    const seq = 1 + PLACES_A_PROMPT * Math.floor(this.#asked / this.#users)
    this.#asked += 1
    const task = taskId(conversationId(user, this.#robot), seq)
    const about = { user, clientMessageId: task, task }
    const due = dueMs === undefined ? {} : { dueMs: this.#recorder.fromHostMs(dueMs) }
    this.#recorder.record({ kind: 'send', user, device: `${user}.http`, to: 'balancer', clientMessageId: task, ...due })
    this.#recorder.record({ kind: 'pushed', ...about })
    const ended = this.#balancer.ask({ task, text }).then(({ answered, asked }) => {
      this.#recorder.record({ kind: 'push-ended', ...about, answered, asked })
    })
    ended.catch(() => undefined) // `ended` throws it.
    this.#open.push(ended)
  }
}

/** What a balancer has of a GPU behind NAT: the router's address, which lets nobody in. */
async function addressOfNat({ recorder, closing, signal }: PushingLab, gpu: string): Promise<string> {
  const { url } = closing.use(await closedDoor())
  const reply = await askOnce({ url, headers: {} }, { model: 'any' }, 1_000, signal)
  recorder.record({ kind: 'fault', part: gpu, action: 'behind NAT', ...(reply === 'answered' ? {} : { proof: `asked: ${reply.failed}` }) })
  return url
}
