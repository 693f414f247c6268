import type { ModelAddress } from './address.ts'
import { bodyOf, type ChatAsk, lines, parsed } from './chat.ts'
import { codeOf, open } from './http.ts'

/** One request as a gateway sends it, and its result: no patience, no advice. */

/** `began`: its user has seen a piece of the answer that then failed. */
export type Reply = 'answered' | { failed: string; began: boolean }

/** @param withinMs for the whole answer
 *  @throws whatever aborted the signal */
export async function askOnce(server: ModelAddress, ask: ChatAsk, withinMs: number, signal: AbortSignal): Promise<Reply> {
  const stop = new AbortController()
  let began = false
  const failed = (why: string): Reply => ({ failed: why, began })
  try {
    const response = await open(server, '/api/chat', { body: bodyOf(ask), withinMs, signal, stop: stop.signal })
    if (!response.ok) return failed(`HTTP ${response.status}`)
    for await (const text of lines(response)) {
      const line = parsed(text)
      if (line === undefined) return failed('not JSON')
      if (line.error !== undefined) return failed('an error in the answer')
      if (line.done === true) return 'answered'
      began = true
    }
    return failed('cut')
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && error.name === 'TimeoutError') return failed('no answer in time')
    return failed(began ? 'cut' : codeOf(error))
  } finally {
    stop.abort()
  }
}
