import type { Cursors, MessageFrame } from '#contracts/frames'

/** A hole is asked for after `gapMs`, then after `gapAgainMs`, doubling up to ten times that. */
export interface ViewTiming {
  gapMs: number
  gapAgainMs: number
}

export interface ConversationState {
  /** Highest seq that is shown without a gap before it. */
  cursor: number
  /** Highest seq known to exist. */
  head: number
  /** Arrived, but not shown, since an earlier seq is missing. */
  held: number[]
}

export interface Repair {
  conversation: string
  /** Seqs that were missing when the hole was seen. */
  messages: number
  tookMs: number
}

interface Hole {
  openedAtMs: number
  cursorAtAsk: number
  missing: number
  asks: number
  dueAtMs: number
  /** The next ask is for the next page of an answer. */
  paging: boolean
}

interface Conversation {
  cursor: number
  head: number
  held: Map<number, MessageFrame>
  hole: Hole | undefined
}

/** What one device shows: each seq once and in order, held back behind holes. Pure: time is handed
 *  in. Without sequences, or naive, it shows arrivals and counts disorder. */
export class View {
  /** Frames that brought a seq already shown or held. */
  rawDuplicates = 0
  /** Questions for holes; further pages of an answer are not counted. */
  gapsAsked = 0
  /** Shown messages whose seq is below one that was shown before: always 0 unless `asItArrives`. */
  inversions = 0
  /** Shows without order, without holding back. */
  asItArrives = false
  readonly #timing: ViewTiming
  readonly #conversations = new Map<string, Conversation>()
  /** Conversations behind their head: all that time-driven work ever looks at. */
  readonly #behind = new Map<string, Conversation>()
  /** While the node answers a resume, holes are expected: they are not asked for apart. */
  #resuming = false

  constructor(timing: ViewTiming, cursors: Readonly<Cursors> = {}) {
    this.#timing = timing
    for (const [id, cursor] of Object.entries(cursors))
      this.#conversations.set(id, { cursor, head: cursor, held: new Map(), hole: undefined })
  }

  /** Takes a message; returns what can be shown now. `repaired` hears of each closed hole. */
  accept(frame: MessageFrame, nowMs: number, repaired?: (repair: Repair) => void): MessageFrame[] {
    if (frame.seq === 0) return [frame] // The design `article`: no sequence.
    const conversation = this.#of(frame.conversation)
    if (this.asItArrives) {
      if (frame.seq < conversation.cursor) this.inversions += 1
      conversation.cursor = Math.max(conversation.cursor, frame.seq)
      conversation.head = Math.max(conversation.head, frame.seq)
      return [frame]
    }
    if (frame.seq <= conversation.cursor || conversation.held.has(frame.seq)) {
      this.rawDuplicates += 1
      return []
    }
    conversation.head = Math.max(conversation.head, frame.seq)
    if (frame.seq !== conversation.cursor + 1) {
      conversation.held.set(frame.seq, frame)
      this.#opened(frame.conversation, conversation, nowMs)
      return []
    }
    const shown = [frame]
    conversation.cursor = frame.seq
    for (
      let next = conversation.held.get(conversation.cursor + 1);
      next !== undefined;
      next = conversation.held.get(conversation.cursor + 1)
    ) {
      conversation.held.delete(next.seq)
      conversation.cursor = next.seq
      shown.push(next)
    }
    if (conversation.hole !== undefined) this.#progressed(frame.conversation, conversation, conversation.hole, nowMs, repaired)
    return shown
  }

  /** Heads from the node: what is behind becomes a hole, which the message may still fill. */
  heads(heads: Cursors, nowMs: number): void {
    if (this.#resuming) {
      this.#resuming = false
      for (const { hole } of this.#behind.values())
        if (hole !== undefined && hole.asks === 0) hole.dueAtMs = Math.min(hole.dueAtMs, nowMs + this.#timing.gapMs)
    }
    for (const [id, head] of Object.entries(heads)) this.#raise(id, head, nowMs)
  }

  /** The node has more pages: ask at once, unless the last brought nothing (a loop). */
  more(id: string, headSeq: number, nowMs: number): void {
    const conversation = this.#raise(id, headSeq, nowMs)
    const hole = conversation.hole
    if (hole !== undefined && conversation.cursor > hole.cursorAtAsk) {
      hole.dueAtMs = nowMs
      hole.paging = true
    }
  }

  /** A resume of everything was sent: its answer fills the holes. */
  resumed(nowMs: number): void {
    this.#resuming = true
    for (const conversation of this.#behind.values())
      if (conversation.hole !== undefined) this.#asked(conversation, conversation.hole, nowMs)
  }

  /** Conversations to ask for now, each with the cursor to ask from. */
  due(nowMs: number): { conversation: string; cursor: number }[] {
    const due: { conversation: string; cursor: number }[] = []
    for (const [id, conversation] of this.#behind) {
      if (conversation.hole === undefined || conversation.hole.dueAtMs > nowMs) continue
      this.#asked(conversation, conversation.hole, nowMs)
      if (!conversation.hole.paging) this.gapsAsked += 1
      conversation.hole.paging = false
      due.push({ conversation: id, cursor: conversation.cursor })
    }
    return due
  }

  /** When `due` will next have something; undefined = nothing is missing. */
  nextDueAtMs(): number | undefined {
    let next: number | undefined
    for (const { hole } of this.#behind.values()) if (hole !== undefined && (next === undefined || hole.dueAtMs < next)) next = hole.dueAtMs
    return next
  }

  /** Nothing known to exist is missing. */
  get atHead(): boolean {
    return this.#behind.size === 0
  }

  cursors(): Cursors {
    const cursors: Cursors = {}
    for (const [id, { cursor }] of this.#conversations) cursors[id] = cursor
    return cursors
  }

  state(id: string): ConversationState {
    const conversation = this.#conversations.get(id)
    if (conversation === undefined) return { cursor: 0, head: 0, held: [] }
    return { cursor: conversation.cursor, head: conversation.head, held: [...conversation.held.keys()].sort((a, b) => a - b) }
  }

  #of(id: string): Conversation {
    let conversation = this.#conversations.get(id)
    if (conversation === undefined) {
      conversation = { cursor: 0, head: 0, held: new Map(), hole: undefined }
      this.#conversations.set(id, conversation)
    }
    return conversation
  }

  #raise(id: string, head: number, nowMs: number): Conversation {
    const conversation = this.#of(id)
    conversation.head = Math.max(conversation.head, head)
    if (!this.asItArrives && conversation.head > conversation.cursor) this.#opened(id, conversation, nowMs)
    return conversation
  }

  #opened(id: string, conversation: Conversation, nowMs: number): void {
    if (conversation.hole !== undefined) return
    conversation.hole = {
      openedAtMs: nowMs,
      cursorAtAsk: -1,
      missing: conversation.head - conversation.cursor - conversation.held.size,
      asks: 0,
      paging: false,
      dueAtMs: nowMs + (this.#resuming ? this.#timing.gapAgainMs : this.#timing.gapMs),
    }
    this.#behind.set(id, conversation)
  }

  #progressed(id: string, conversation: Conversation, hole: Hole, nowMs: number, repaired?: (repair: Repair) => void): void {
    if (conversation.cursor >= conversation.head) {
      conversation.hole = undefined
      this.#behind.delete(id)
      if (hole.asks > 0) repaired?.({ conversation: id, messages: hole.missing, tookMs: nowMs - hole.openedAtMs })
      return
    }
    // An answer is under way, or the natural order is catching up: patience starts anew.
    hole.dueAtMs = nowMs + (hole.asks > 0 ? this.#timing.gapAgainMs : this.#timing.gapMs)
    hole.asks = Math.min(hole.asks, 1)
  }

  #asked(conversation: Conversation, hole: Hole, nowMs: number): void {
    hole.asks += 1
    hole.cursorAtAsk = conversation.cursor
    hole.dueAtMs = nowMs + this.#timing.gapAgainMs * Math.min(10, 2 ** (hole.asks - 1))
  }
}
