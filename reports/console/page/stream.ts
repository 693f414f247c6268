import type { Frame } from '../../../scenarios/console/frames.ts'

/** The line to the console: frames as they come, acts on their way. It comes back when the console
 *  does, for days if need be. */

const AGAIN_MS = 1_000

export type Refused = { code: string; detail: string }
export type LineState = 'connecting' | 'open' | 'down' | 'refused'

export class Line {
  readonly #token: string
  readonly #onFrame: (frame: Frame) => void
  readonly #onState: (state: LineState) => void

  constructor(token: string, onFrame: (frame: Frame) => void, onState: (state: LineState) => void) {
    this.#token = token
    this.#onFrame = onFrame
    this.#onState = onState
  }

  get #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` }
  }

  async run(): Promise<never> {
    this.#onState('connecting')
    for (;;) {
      const ended = await this.#read().catch(() => 'down' as const)
      this.#onState(ended)
      await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
    }
  }

  /** Resolves when the stream is over. */
  async #read(): Promise<LineState> {
    const response = await fetch('/state', { headers: this.#headers })
    if (response.status === 401) return 'refused'
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    if (!response.ok || reader === undefined) return 'down'
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return 'down'
      text += value
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) this.#onFrame(JSON.parse(line) as Frame)
      if (lines.length > 0) this.#onState('open')
    }
  }

  /** @returns what was refused, if it was */
  async act(act: Record<string, unknown>): Promise<Refused | undefined> {
    const headers = { ...this.#headers, 'content-type': 'application/json' }
    try {
      const response = await fetch('/act', { method: 'POST', headers, body: JSON.stringify(act) })
      return ((await response.json()) as { error?: Refused }).error
    } catch {
      return { code: 'LAB_DOWN', detail: '' }
    }
  }
}
