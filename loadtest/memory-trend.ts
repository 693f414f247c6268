import type { MemoryLook } from '#evidence/load-document'
import { mean } from '#evidence/statistics'

/** Whether a part's memory grows while the load stays the same. Pure. */

export interface MemoryTrend {
  part: string
  /** Mean of the first and of the last block. MiB. */
  firstMiB: number
  lastMiB: number
  /** MiB a minute, with its 95 % interval. */
  slope: number
  interval: [low: number, high: number]
}

/** Neighbouring looks are not independent (a collection frees what several looks saw grow): means
 *  of blocks nearly are. */
const BLOCKS = 20
/** Student's t, 97.5 %, of 18 degrees of freedom: 20 blocks less slope and level. */
const T = 2.101

/** By part, steepest first. Empty: too few looks. @param looks of one run, in order */
export function memoryTrends(looks: readonly MemoryLook[]): MemoryTrend[] {
  const parts = [...new Set(looks.flatMap(({ rssMiB }) => Object.keys(rssMiB)))]
  const trends = parts.flatMap(part => {
    const seen = looks.flatMap(({ second, rssMiB }) => (rssMiB[part] ? [{ minute: second / 60, mib: rssMiB[part] }] : []))
    return seen.length < 2 * BLOCKS ? [] : [{ part, ...trendOf(seen) }]
  })
  return trends.sort((a, b) => b.slope - a.slope)
}

interface Look {
  minute: number
  mib: number
}

function trendOf(seen: readonly Look[]): Omit<MemoryTrend, 'part'> {
  const blocks = Array.from({ length: BLOCKS }, (_, i) => {
    const own = seen.slice(Math.floor((i * seen.length) / BLOCKS), Math.floor(((i + 1) * seen.length) / BLOCKS))
    return { minute: mean(own.map(({ minute }) => minute)), mib: mean(own.map(({ mib }) => mib)) }
  })
  const [atMean, mibMean] = [mean(blocks.map(({ minute }) => minute)), mean(blocks.map(({ mib }) => mib))]
  const spread = sum(blocks.map(({ minute }) => (minute - atMean) ** 2))
  const slope = sum(blocks.map(({ minute, mib }) => (minute - atMean) * (mib - mibMean))) / spread
  const rest = sum(blocks.map(({ minute, mib }) => (mib - mibMean - slope * (minute - atMean)) ** 2))
  const half = T * Math.sqrt(rest / (BLOCKS - 2) / spread)
  return { firstMiB: blocks[0]!.mib, lastMiB: blocks.at(-1)!.mib, slope, interval: [slope - half, slope + half] }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
