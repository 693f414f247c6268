import type { PartialFrame } from '#contracts/frames'
import type { PartialText } from './types.ts'

const HELD_MAX = 64
const DONE_MAX = 1_000

interface Answer {
  attempt: number
  text: string
  /** Pieces that came before the ones in front of them. */
  held: Map<number, string>
}

/** Joins the pieces of each task's answer. A higher attempt voids a lower one; a piece behind a
 *  hole waits; the saved message replaces everything. Pure. */
export class Answers {
  readonly #running = new Map<string, Answer>()
  /** Tasks that ended lately: a partial may overtake on the fan-out and come after the answer. */
  readonly #done = new Set<string>()

  /** A piece arrived; undefined when it changes nothing. */
  accept(frame: PartialFrame): PartialText | undefined {
    if (this.#done.has(frame.task)) return undefined
    let answer = this.#running.get(frame.task)
    let cleared = false
    if (answer === undefined || frame.attempt > answer.attempt) {
      cleared = answer !== undefined && answer.text !== ''
      answer = { attempt: frame.attempt, text: '', held: new Map() }
      this.#running.set(frame.task, answer)
    }
    if (frame.attempt < answer.attempt) return undefined
    const before = answer.text.length
    if (frame.offset > before) {
      if (answer.held.size < HELD_MAX) answer.held.set(frame.offset, frame.text)
    } else {
      append(answer, frame.offset, frame.text)
      drain(answer)
    }
    const added = answer.text.slice(before)
    if (added === '' && !cleared) return undefined
    return { task: frame.task, conversation: frame.conversation, attempt: answer.attempt, text: answer.text, added, cleared }
  }

  /** Text shown so far. */
  text(task: string): string {
    return this.#running.get(task)?.text ?? ''
  }

  /** The saved answer is shown, or the task was cancelled: later pieces count no more. */
  end(task: string): void {
    this.#running.delete(task)
    this.#done.add(task)
    if (this.#done.size > DONE_MAX) for (const oldest of this.#done) return void this.#done.delete(oldest)
  }
}

function append(answer: Answer, offset: number, text: string): void {
  const known = answer.text.length - offset
  if (text.length > known) answer.text += text.slice(known)
}

function drain(answer: Answer): void {
  for (let grown = true; grown; ) {
    grown = false
    for (const [offset, text] of answer.held) {
      if (offset > answer.text.length) continue
      answer.held.delete(offset)
      append(answer, offset, text)
      grown = true
    }
  }
}
