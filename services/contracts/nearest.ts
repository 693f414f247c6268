const SHOWN = 3

/** Names that share at least half of the pairs of letters with a typed one, the best first. */
export function nearest(typed: string, names: readonly string[]): string[] {
  const pairs = (text: string) => Array.from({ length: text.length - 1 }, (_, i) => text.slice(i, i + 2).toLowerCase())
  const own = pairs(typed)
  const shared = (other: string) => pairs(other).filter(pair => own.includes(pair)).length
  return names
    .filter(other => 2 * shared(other) >= own.length && own.length > 0)
    .sort((a, b) => shared(b) - shared(a))
    .slice(0, SHOWN)
}

/** ` Did you mean a, b?`, or nothing. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const best = nearest(typed, names)
  return best.length === 0 ? '' : ` Did you mean ${best.join(', ')}?`
}
