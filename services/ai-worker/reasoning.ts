/** Reasoning comes in two forms: apart, in the API's `thinking` field (never looked at here), or inside the content between `<think>` and `</think>`.
 *  Both are dropped; an answer without a marker is an answer. */

const OPEN = '<think>'
const CLOSE = '</think>'

/** Drops reasoning from content that comes in pieces, markers split across pieces included. */
export class ReasoningFilter {
  /** Not decided yet whether the content begins with a marker: this much is held back. */
  #held = ''
  #state: 'start' | 'thinking' | 'answer' = 'start'
  #text = ''
  #voided = false
  /** The end of the reasoning was seen: a further marker is text, an answer may speak of markers. */
  #marked = false

  /** All that the user may see so far. */
  get text(): string {
    return this.#text
  }

  /** A closing marker without an opening one (some templates put that into the prompt) made everything before it reasoning: pieces shown earlier are void. */
  get voided(): boolean {
    return this.#voided
  }

  push(piece: string): void {
    this.#held += piece
    if (this.#state === 'start') this.#begin()
    if (this.#state === 'thinking') this.#think()
    if (this.#state === 'answer') this.#answer()
  }

  /** No more pieces: what is held back is text after all, unless it is reasoning that never ended. */
  end(): string {
    if (this.#state !== 'thinking') this.#append(this.#held)
    this.#held = ''
    return this.#text.trimEnd()
  }

  #begin(): void {
    const trimmed = this.#held.trimStart()
    if (trimmed.startsWith(OPEN)) {
      this.#held = trimmed.slice(OPEN.length)
      this.#state = 'thinking'
    } else if (!OPEN.startsWith(trimmed)) this.#state = 'answer'
  }

  #think(): void {
    const at = this.#held.indexOf(CLOSE)
    if (at < 0)
      this.#held = this.#held.slice(-CLOSE.length) // Enough to see a marker that is split.
    else {
      this.#held = this.#held.slice(at + CLOSE.length)
      this.#state = 'answer'
      this.#marked = true
    }
  }

  #answer(): void {
    if (!this.#marked) {
      const at = this.#held.indexOf(CLOSE)
      if (at >= 0) {
        this.#marked = true
        this.#voided = this.#text !== ''
        this.#text = ''
        this.#held = this.#held.slice(at + CLOSE.length)
      }
    }
    const keep = this.#marked ? 0 : partialMarker(this.#held)
    this.#append(this.#held.slice(0, this.#held.length - keep))
    this.#held = this.#held.slice(this.#held.length - keep)
  }

  #append(text: string): void {
    this.#text += this.#text === '' ? text.trimStart() : text
  }
}

/** How many characters at the end may be the beginning of a closing marker. */
function partialMarker(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) if (CLOSE.startsWith(text.slice(-length))) return length
  return 0
}

/** The article's way: what follows the first `</think>` and an empty line; null without that marker, whatever the model said. */
export function articleAnswer(content: string): string | null {
  const marker = `${CLOSE}\n\n`
  const at = content.indexOf(marker)
  return at < 0 ? null : content.slice(at + marker.length)
}
