/** 850 -> `850 ms`, 17500 -> `17.5 s`, 1980000 -> `33.0 min`. */
export function duration(ms: number): string {
  const { figure, unit } = durationParts(ms)
  return `${figure}${unit}`
}

/** The same, figure and unit apart. */
export function durationParts(ms: number): { figure: string; unit: string } {
  if (ms < 999.5) return { figure: String(Number(ms.toFixed(ms < 10 ? 2 : 0))), unit: ' ms' }
  return ms < 120_000 ? { figure: (ms / 1_000).toFixed(1), unit: ' s' } : { figure: (ms / 60_000).toFixed(1), unit: ' min' }
}
