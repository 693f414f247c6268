/** Reasoning comes in two forms: apart, in the API's `thinking` field, or inside the content between `<think>` and `</think>`. Both are dropped; an answer
 *  without a marker is an answer, and one may speak of markers. */

const MARKS = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['[THINK]', '[/THINK]'],
] as const
const OPENINGS = MARKS.map(([open]) => open)

/** Drops reasoning from content that comes in pieces, markers split across pieces included. */
export class ReasoningFilter {
  /** Not decided yet: may be a marker, or is reasoning that may turn out to have ended. */
  #held = ''
  #state: 'start' | 'thinking' | 'behind' | 'answer' = 'start'
  #open = ''
  #close = '</think>'
  #text = ''
  #voided = false
  /** A closing marker without an opening one is text. */
  #apart: boolean
  /** Of the reasoning: markers that opened and have not closed; whether any has closed, and then what is held follows the last one; how much was looked at. */
  #depth = 0
  #closed = false
  #at = 0

  /** @param apart the server keeps the reasoning out of the content. Else a lone closing marker at the end of a line ends reasoning: some templates put the opening
   *  one into the prompt. */
  constructor(apart: boolean) {
    this.#apart = apart
  }

  /** All that the user may see so far. */
  get text(): string {
    return this.#text
  }

  /** A closing marker without an opening one made everything before it reasoning: pieces shown earlier are void. */
  get voided(): boolean {
    return this.#voided
  }

  /** The reasoning came in a field of its own: all content is answer. */
  standsApart(): void {
    if (this.#state === 'start') this.#state = 'answer'
    this.#apart = true
  }

  push(piece: string): void {
    this.#held += piece
    if (this.#state === 'start') this.#begin()
    if (this.#state === 'thinking') this.#think()
    if (this.#state === 'behind') this.#behind()
    if (this.#state === 'answer') this.#answer()
  }

  /** No more pieces: what is held back is text after all, unless it is reasoning that never ended. */
  end(): string {
    // Reasoning may speak of its opening marker: then its marks never balance, and the last closing one ended it.
    if (this.#state === 'thinking' && !this.#closed) this.#held = ''
    if (this.#state === 'answer' && !this.#apart && this.#held === this.#close) this.#void(this.#held.length)
    this.#append(this.#held)
    this.#held = ''
    return this.#text.trimEnd()
  }

  #begin(): void {
    const trimmed = this.#held.trimStart()
    const mark = MARKS.find(([open]) => trimmed.startsWith(open))
    if (mark !== undefined) {
      ;[this.#open, this.#close] = mark
      this.#state = 'thinking'
      this.#held = trimmed
    } else if (!OPENINGS.some(open => open.startsWith(trimmed))) this.#state = 'answer'
  }

  /** The reasoning ends where as many markers close as have opened. */
  #think(): void {
    const next = (mark: string) => {
      const at = this.#held.indexOf(mark, this.#at)
      return at < 0 ? Number.POSITIVE_INFINITY : at
    }
    while (this.#state === 'thinking') {
      const [open, close] = [next(this.#open), next(this.#close)]
      if (open === close) {
        // Neither: only a marker that is split can still lie in what was looked at.
        this.#at = Math.max(this.#at, this.#held.length - this.#close.length + 1)
        if (!this.#closed) this.#cut(this.#at)
        return
      }
      this.#depth += open < close ? 1 : -1
      this.#at = open < close ? open + this.#open.length : close + this.#close.length
      if (close < open) {
        this.#closed = true
        this.#cut(this.#at)
        if (this.#depth === 0) this.#state = 'behind'
      }
    }
  }

  #cut(at: number): void {
    this.#held = this.#held.slice(at)
    this.#at = 0
  }

  /** Directly behind its end some models close it again, or begin anew. */
  #behind(): void {
    const trimmed = this.#held.trimStart()
    if (trimmed.startsWith(this.#close)) {
      this.#held = trimmed.slice(this.#close.length)
      this.#behind()
    } else if (trimmed.startsWith(this.#open)) {
      this.#held = trimmed
      this.#closed = false
      this.#state = 'thinking'
      this.push('')
    } else if (!this.#close.startsWith(trimmed) && !this.#open.startsWith(trimmed)) {
      this.#state = 'answer'
      this.#apart = true
    }
  }

  #answer(): void {
    for (let from = 0; !this.#apart; ) {
      const at = this.#held.indexOf(this.#close, from)
      const after = at + this.#close.length
      // What follows it decides: reasoning ends with its line, an answer that speaks of the marker goes on.
      if (at < 0 || after === this.#held.length) break
      from = after
      if (this.#held[after] === '\n') this.#void(after)
    }
    const keep = this.#apart ? 0 : tailOf(this.#held, this.#close)
    this.#append(this.#held.slice(0, this.#held.length - keep))
    this.#held = this.#held.slice(this.#held.length - keep)
  }

  /** All before was reasoning. */
  #void(at: number): void {
    this.#apart = true
    this.#voided = this.#text !== ''
    this.#text = ''
    this.#held = this.#held.slice(at)
  }

  #append(text: string): void {
    this.#text += this.#text === '' ? text.trimStart() : text
  }
}

/** How many characters at the end may be a closing marker, or its beginning. */
function tailOf(text: string, close: string): number {
  for (let length = Math.min(close.length, text.length); length > 0; length--) if (close.startsWith(text.slice(-length))) return length
  return 0
}

/** The article's way: what follows the first `</think>` and an empty line; null without that marker, whatever the model said. */
export function articleAnswer(content: string): string | null {
  const marker = `</think>\n\n`
  const at = content.indexOf(marker)
  return at < 0 ? null : content.slice(at + marker.length)
}
