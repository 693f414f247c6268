import { attachLab } from '#lab'

/** A longer start says what it waits for, and repeats that. Milliseconds. */
const NEWS_EVERY_MS = 5_000

/** Prints on stderr what the parts of a lab still miss, every few seconds while `work` runs. */
export async function withNews<T>(name: string | undefined, wanted: (part: string) => boolean, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now()
  let looking: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    // The work itself reports errors.
    looking = looking.then(() => tell(name, wanted, performance.now() - startedMs)).catch(() => undefined)
  }, NEWS_EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    await looking
  }
}

async function tell(name: string | undefined, wanted: (part: string) => boolean, waitedMs: number): Promise<void> {
  await using lab = await attachLab(name)
  const parts = (await lab.status()).filter(part => wanted(part.name) && part.state !== 'ready' && part.state !== 'stopped')
  for (const { name: part, state, missing } of parts)
    console.error(
      `${part} is ${state} after ${Math.round(waitedMs / 1_000)} s${missing.length === 0 ? '' : `, misses ${missing.join(', ')}`}`,
    )
}
