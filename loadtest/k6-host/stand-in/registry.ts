/** What k6 keeps of its metrics, for all VUs together. */
export interface Metric {
  type: 'counter' | 'trend'
  values: number[]
}

declare global {
  var standInMetrics: Map<string, Metric> | undefined
}

// Modules are loaded once per VU; the figures are of all.
globalThis.standInMetrics ??= new Map()
export const metrics: Map<string, Metric> = globalThis.standInMetrics

type Thresholds = Readonly<Record<string, readonly string[]>>

function valuesOf({ type, values }: Metric): Record<string, number> {
  const sum = values.reduce((total, value) => total + value, 0)
  if (type === 'counter') return { count: sum, rate: 0 }
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return {
    avg: values.length === 0 ? 0 : sum / values.length,
    min: at(0),
    med: at(0.5),
    max: at(1),
    'p(90)': at(0.9),
    'p(95)': at(0.95),
    'p(99)': at(0.99),
    count: values.length,
  }
}

function holds(expression: string, values: Readonly<Record<string, number>>): boolean {
  const [, stat = '', operator, limit] = /^(.+?)(==|<=)(.+)$/.exec(expression) ?? []
  const value = values[stat] ?? 0
  return operator === '==' ? value === Number(limit) : value <= Number(limit)
}

/** Broken thresholds, as `metric: expression`. Without samples one holds, as in k6. */
export function crossed(thresholds: Thresholds): Set<string> {
  const found = new Set<string>()
  for (const [name, expressions] of Object.entries(thresholds)) {
    const metric = metrics.get(name)
    if (metric === undefined) continue
    for (const expression of expressions) if (!holds(expression, valuesOf(metric))) found.add(`${name}: ${expression}`)
  }
  return found
}

export function summaryOf(thresholds: Thresholds): unknown {
  const failing = crossed(thresholds)
  return {
    metrics: Object.fromEntries(
      [...metrics].map(([name, metric]) => {
        const own = (thresholds[name] ?? []).map(expression => [expression, { ok: !failing.has(`${name}: ${expression}`) }])
        return [
          name,
          {
            type: metric.type,
            contains: metric.type === 'trend' ? 'time' : 'default',
            values: valuesOf(metric),
            ...(own.length > 0 ? { thresholds: Object.fromEntries(own) } : {}),
          },
        ]
      }),
    ),
  }
}
