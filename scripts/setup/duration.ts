const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof UNITS_MS

/** `40ms`, `30s`, `1.5h` -> milliseconds; undefined: no such time.
 *  @param units those that may be typed */
export function durationMs(text: string, units: readonly Unit[]): number | undefined {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text.trim()) ?? []
  const known = units.find(one => one === unit)
  return known === undefined ? undefined : Number(figure) * UNITS_MS[known]
}
