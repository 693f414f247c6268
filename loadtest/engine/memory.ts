import type { MemoryLook } from '#evidence/load-document'
import { hostNowMs, type Lab } from '#lab'
import { every } from '../../services/kit/deadline.ts'
import { partUse } from './noise.ts'

/** In a shorter test caches fill and nothing else. Milliseconds. */
const FOR_MIN_MS = 60_000
const LOOKS = 240
/** A look asks every part whether it is ready. Milliseconds. */
const EVERY_MIN_MS = 1_000

/** Looks at each part's memory while a long test measures; disposing ends it. */
export function memoryWatch(lab: Lab, forMs: number): AsyncDisposable & { looks: MemoryLook[] } {
  const looks: MemoryLook[] = []
  const fromMs = hostNowMs()
  const look = async () => {
    const second = (hostNowMs() - fromMs) / 1_000
    const use = await partUse(lab)
    looks.push({ second, rssMiB: Object.fromEntries(use.map(({ name, rssMiB }) => [name, rssMiB])) })
  }
  // A part that a fault has just ended may fail a look: one is missing, no more.
  const looking = every(forMs < FOR_MIN_MS ? 0 : Math.max(EVERY_MIN_MS, forMs / LOOKS), look, () => undefined)
  return { looks, [Symbol.asyncDispose]: () => looking[Symbol.asyncDispose]() }
}
