/** Reasoning stands in the `thinking` field, or in the content between `<think>` and `</think>`.
 *  Both are dropped. An answer may mention the markers. */

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
  /** Open markers; whether one has closed, and `#held` follows it; how much was scanned. */
  #depth = 0
  #closed = false
  #at = 0

  /** @param apart the server keeps reasoning out of the content. Otherwise a lone closing marker at
   *  a line's end closes it: some templates open it in the prompt. */
  constructor(apart: boolean) {
    this.#apart = apart
  }

  /** All that the user may see so far. */
  get text(): string {
    return this.#text
  }

  /** A closing marker without an opening one: all before it was reasoning, so pieces are void. */
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

  /** No more pieces: what is held is text, unless reasoning never ended. */
  end(): string {
    // Reasoning that mentions its opening marker never balances: the last closing one ended it.
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
      // Reasoning ends its line here; an answer that mentions the marker goes on.
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

/** The article's rule: the text after the first `</think>` and a blank line; null without it. */
export function articleAnswer(content: string): string | null {
  const marker = `</think>\n\n`
  const at = content.indexOf(marker)
  return at < 0 ? null : content.slice(at + marker.length)
}
