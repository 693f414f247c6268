import type { StoredRun } from '../../reports/summary.ts'

/** `--retry-unknown`: every try is left in `done`; those that were tried again are marked. */
export async function untilKnown<T extends StoredRun>(
  run: () => Promise<T>,
  retries: number,
  done: T[],
  say: (text: string) => void,
): Promise<T> {
  for (let left = retries; ; left -= 1) {
    const one = await run()
    const isRetried = one.document.verdict === 'unknown' && left > 0
    done.push(isRetried ? { ...one, retried: true } : one)
    if (!isRetried) return one
    say(`unknown, run again (${left} of ${retries} tries left)`)
  }
}
