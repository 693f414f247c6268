/** Waits until `probe` gives a value; a failure shows the last one. */
export async function until<T>(what: string, probe: () => T | undefined | false, withinMs = 5_000): Promise<T> {
  const deadline = performance.now() + withinMs
  let seen: T | undefined | false
  do {
    seen = probe()
    if (seen !== undefined && seen !== false) return seen
    await new Promise(resolve => setTimeout(resolve, 5))
  } while (performance.now() < deadline)
  throw new Error(`${what}: not within ${withinMs} ms (last seen: ${JSON.stringify(seen)})`)
}
