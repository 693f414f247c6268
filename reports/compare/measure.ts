import { duration } from '../predict/text.ts'
import { figure } from '../words.ts'
import type { Estimator } from './estimator.ts'

/** A figure that two runs may share. Pure. */
export interface Comparable {
  /** Stable key. */
  measure: string
  label: string
  /** From where to where it runs, in words. */
  about: string
  unit: 'ms' | 'us' | 'perSecond' | 'times'
  better: 'lower' | 'higher'
  estimator: Estimator
  /** All values, for the curve of how many were how long; of one measure in a family. Milliseconds. */
  curve?: { label: string; values: readonly number[] }
}

export function valueText(value: number, unit: Comparable['unit']): string {
  if (unit === 'ms') return duration(value)
  if (unit === 'us') return `${figure(value)} µs`
  return unit === 'perSecond' ? `${figure(value)}/s` : `${figure(value)} x`
}
