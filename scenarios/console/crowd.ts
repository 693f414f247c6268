import { gpuProfile } from '#contracts/gpu-profiles'
import { answerTokens } from '#contracts/gpu-timing'
import { hostNowMs, type Lab, pause, settingsOf } from '#lab'
import { capacityPerSecond, exponentialDraw, profiledTimes } from '#predictor'
import { promptText } from '../experiment/replay/prompt.ts'
import type { Person } from './person.ts'

/** The built-in crowd: people who ask the robot at random times, each with one device. */

/** One of them may have 20 tasks open. */
const PEOPLE = 40
/** Beyond this nobody asks: a slider must not drown the lab. Open questions. */
const OPEN_MAX = 500
/** Messages that the crowd sends at most. Per second of the clock. */
const SENDS_MAX = 25
/** Where GPUs are real nobody knows what they can do. Per second. */
const UNKNOWN_MAX = 2
/** In times of what the GPUs can do. */
const OVERLOAD = 2

const PROMPT_TOKENS = 1_000
const SAMPLES = 300

/** What the GPUs answer of such questions, each one at a time. Per second of GPU time; undefined
 *  where a real model server is among them. */
export function capacityOf({ plan }: Pick<Lab, 'plan'>): number | undefined {
  const cards = plan.workers.map(({ gpu }) => plan.gpus.find(({ name }) => name === gpu))
  if (cards.length === 0 || cards.some(card => card === undefined || card.url !== undefined)) return undefined
  const { seed, model, answerTokensMax } = settingsOf(plan, plan.workers[0]?.name ?? '')
  const work = { profiles: cards.map(card => gpuProfile(card?.profile ?? '')), model, seed }
  const times = Array.from({ length: SAMPLES }, (_, i) => {
    const id = `crowd-${i}`
    return profiledTimes(work, id, PROMPT_TOKENS, answerTokens(seed, id, '', answerTokensMax)).serviceMs
  })
  return capacityPerSecond(times, cards.length)
}

/** Most that the crowd may ask. Per second of GPU time. */
export function crowdMax(capacity: number | undefined, timeScale: number): number {
  return Math.min(capacity === undefined ? UNKNOWN_MAX : OVERLOAD * capacity, SENDS_MAX / timeScale)
}

export interface CrowdOptions {
  seed: number
  timeScale: number
  answerTokensMax: number
  /** One more of the crowd. */
  join(index: number): Promise<Person>
  /** Questions without an answer now. */
  open(): number
  onSent(outcome: { state: string; task?: string | undefined }, dueMs: number): void
  signal: AbortSignal
}

export class Crowd {
  readonly #options: CrowdOptions
  readonly #people: Promise<Person>[] = []
  #perSecond = 0
  #asked = 0
  #rate = new AbortController()
  #refused = 0

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  get perSecond(): number {
    return this.#perSecond
  }

  /** Questions that the lab, or the bound, turned away. */
  get refused(): number {
    return this.#refused
  }

  /** @param perSecond of GPU time, from now on */
  ask(perSecond: number): void {
    this.#rate.abort()
    this.#rate = new AbortController()
    this.#perSecond = perSecond
    if (perSecond > 0) void this.#run(perSecond, AbortSignal.any([this.#rate.signal, this.#options.signal]))
  }

  async #run(perSecond: number, signal: AbortSignal): Promise<void> {
    const { seed, timeScale } = this.#options
    const meanMs = 1_000 / (perSecond * timeScale)
    let dueMs = hostNowMs()
    while (!signal.aborted) {
      dueMs += exponentialDraw(seed, `crowd-${this.#asked}`, 'gap', meanMs)
      await pause(Math.max(0, Math.ceil(dueMs - hostNowMs())), signal).catch(() => undefined)
      if (signal.aborted) return
      this.#asked += 1
      if (this.#options.open() >= OPEN_MAX) this.#refused += 1
      // Open loop: who asks does not wait for those before.
      else this.#send(this.#asked, dueMs).catch(() => this.#lost())
    }
  }

  async #send(n: number, dueMs: number): Promise<void> {
    const { seed, answerTokensMax, onSent } = this.#options
    const person = await this.#person(n % PEOPLE)
    const outcome = await person.send(
      person.client.robot,
      promptText(PROMPT_TOKENS, answerTokens(seed, `crowd-${n}`, '', answerTokensMax)),
      dueMs,
    )
    if (outcome.state !== 'stored') this.#lost()
    onSent(outcome, dueMs)
  }

  #lost(): void {
    this.#refused += 1
  }

  #person(index: number): Promise<Person> {
    const known = this.#people[index]
    if (known !== undefined) return known
    const joining = this.#options.join(index)
    this.#people[index] = joining
    joining.catch(() => delete this.#people[index])
    return joining
  }

  async leave(): Promise<void> {
    this.#rate.abort()
    await Promise.allSettled(this.#people.map(async person => (await person)[Symbol.asyncDispose]()))
  }
}
