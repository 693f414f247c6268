/** 850 -> `850 ms`, 17500 -> `17.5 s`, 1980000 -> `33.0 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toFixed(ms < 10 ? 2 : 0))} ms`
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}
