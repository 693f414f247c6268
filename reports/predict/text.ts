/** 850 -> `850 ms`, 17500 -> `17.5 s`, 1980000 -> `33.0 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toFixed(ms < 10 ? 2 : 0))} ms`
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}

/** Broken between words into lines of at most so many columns; a longer word has a line of its own. */
export function wrapped(text: string, columns: number): string {
  let line = ''
  const lines = text.split(' ').flatMap(word => {
    if (line === '' || line.length + 1 + word.length <= columns) {
      line = line === '' ? word : `${line} ${word}`
      return []
    }
    const full = line
    line = word
    return [full]
  })
  return [...lines, line].join('\n')
}

/** `1 slot`, `4 slots`. */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
