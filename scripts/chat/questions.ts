import type { PartialText } from '#client'
import { type Eye, streamingLines, waitingLine, waitingText } from './lines.ts'

interface Question {
  prompt: string | undefined
  waiting: { ahead: number; workersOnline: number } | undefined
  streaming: { text: string; attempt: number } | undefined
}

/** Questions to the robot that have no answer yet, on whichever device they were asked: what the lines above the prompt show of them. Pure. */
export class Questions {
  readonly #open = new Map<string, Question>()
  readonly #ended = new Set<string>()

  asked(task: string, prompt: string): void {
    if (this.#ended.has(task)) return
    const question = this.#of(task)
    question.prompt = prompt
  }

  /** Text for a terminal that cannot show live lines; undefined when it says nothing new. */
  waiting(task: string, ahead: number, workersOnline: number): string | undefined {
    if (this.#ended.has(task)) return undefined
    const question = this.#of(task)
    const before = question.waiting
    question.waiting = { ahead, workersOnline }
    if (before !== undefined && before.ahead === ahead && before.workersOnline === workersOnline) return undefined
    return waitingText(ahead, workersOnline)
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

  prompt(task: string): string | undefined {
    return this.#open.get(task)?.prompt
  }

  /** The one that was asked last. */
  get latest(): string | undefined {
    return [...this.#open.keys()].at(-1)
  }

  get size(): number {
    return this.#open.size
  }

  lines(rowsMax: number, eye: Eye): string[] {
    const shown = [...this.#open.values()].filter(q => q.streaming !== undefined || q.waiting !== undefined)
    const several = shown.length > 1
    const waiting = shown.filter(q => q.streaming === undefined)
    const streaming = shown.filter(q => q.streaming !== undefined)
    const waitingRows = Math.min(waiting.length, Math.max(1, rowsMax - 2 * streaming.length))
    const lines = waiting
      .slice(0, waitingRows)
      .map(({ waiting: at, prompt }) => waitingLine(several ? prompt : undefined, at?.ahead ?? 0, at?.workersOnline ?? 0, eye))
    const each = Math.max(1, Math.floor((rowsMax - waitingRows) / Math.max(1, streaming.length)))
    for (const { streaming: at } of streaming) if (at !== undefined) lines.unshift(...streamingLines(at.text, at.attempt, each, eye))
    return lines.slice(-rowsMax)
  }

  #of(task: string): Question {
    let question = this.#open.get(task)
    if (question === undefined) {
      question = { prompt: undefined, waiting: undefined, streaming: undefined }
      this.#open.set(task, question)
    }
    return question
  }
}
