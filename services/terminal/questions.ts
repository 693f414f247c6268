import type { PartialText } from '#client'
import { type Eye, type Place, streamingLines, waitingLine, waitingOf } from './lines.ts'
import { excerpt } from './text.ts'

/** Of a question, beside its answer. */
const PROMPT_COLUMNS = 40
const PROMPTS_MAX = 1_000

interface Question {
  waiting: Place | undefined
  streaming: { text: string; attempt: number } | undefined
}

/** Open questions to the robot, from any device, for the live lines. Pure. */
export class Questions {
  readonly #open = new Map<string, Question>()
  readonly #ended = new Set<string>()
  /** First words, also of answered questions, to head the answer. The oldest go. */
  readonly #prompts = new Map<string, string>()

  #isNoticeDue: boolean

  constructor(isRobotSimulated: boolean) {
    this.#isNoticeDue = isRobotSimulated
  }

  /** What to say before the first question; undefined from then on. */
  notice(): string | undefined {
    if (!this.#isNoticeDue) return undefined
    this.#isNoticeDue = false
    return 'the robot is simulated: its words are nonsense text of the right length'
  }

  asked(task: string, prompt: string): void {
    this.#prompts.set(task, excerpt(prompt, PROMPT_COLUMNS))
    const [oldest] = this.#prompts.keys()
    if (this.#prompts.size > PROMPTS_MAX && oldest !== undefined) this.#prompts.delete(oldest)
    if (!this.#ended.has(task)) this.#of(task)
  }

  /** Text for a terminal that cannot show live lines; undefined when it says nothing new. */
  waiting(task: string, place: Place): string | undefined {
    if (this.#ended.has(task)) return undefined
    const question = this.#of(task)
    const before = question.waiting
    question.waiting = place
    const text = waitingOf(this.prompt(task), place)
    return before !== undefined && waitingOf(this.prompt(task), before) === text ? undefined : text
  }

  partial(partial: PartialText): void {
    if (this.#ended.has(partial.task)) return
    this.#of(partial.task).streaming = { text: partial.text, attempt: partial.attempt }
  }

  /** Answered, or cancelled. */
  ended(task: string): void {
    this.#open.delete(task)
    this.#ended.add(task)
  }

  /** The first words of a question, open or not; undefined where this terminal has not seen it. */
  prompt(task: string): string | undefined {
    return this.#prompts.get(task)
  }

  /** The one that was asked last. */
  get latest(): string | undefined {
    return [...this.#open.keys()].at(-1)
  }

  get size(): number {
    return this.#open.size
  }

  lines(rowsMax: number, eye: Eye): string[] {
    const shown = [...this.#open]
      .map(([task, question]) => ({ ...question, prompt: this.prompt(task) }))
      .filter(q => q.streaming !== undefined || q.waiting !== undefined)
    const several = shown.length > 1
    const waiting = shown.filter(q => q.streaming === undefined)
    const streaming = shown.filter(q => q.streaming !== undefined)
    const waitingRows = Math.min(waiting.length, Math.max(1, rowsMax - 2 * streaming.length))
    const lines = waiting
      .slice(0, waitingRows)
      .map(({ waiting: at, prompt }) => waitingLine(several ? prompt : undefined, at ?? { ahead: 0, workersOnline: 0 }, eye))
    const each = Math.max(1, Math.floor((rowsMax - waitingRows) / Math.max(1, streaming.length)))
    for (const { streaming: at, prompt } of streaming)
      if (at !== undefined) lines.unshift(...streamingLines(at.text, at.attempt, each, prompt, eye))
    return lines.slice(-rowsMax)
  }

  #of(task: string): Question {
    let question = this.#open.get(task)
    if (question === undefined) {
      question = { waiting: undefined, streaming: undefined }
      this.#open.set(task, question)
    }
    return question
  }
}
