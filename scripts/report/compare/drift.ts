/** How far runs of one commit lie apart on one machine. A single run cannot show it, so that a comparison of few runs must allow for it. Pure. */

export interface Allowance {
  /** Deviation of the logarithm, of one run: 0.2 = two runs in three lie within a factor of e^0.2 of their middle. */
  deviation: number
  source: string
}

const MACHINE = 'quiet quick runs on one 2-core machine, rounded up'
/** `npm run report -- compare --alarms FOLDER…` holds a machine's own runs against these. */
const SEEDS = `measured between seeds: 6 scenarios, 10 seeds each of one commit, ${MACHINE}`
const SAME_SEED = `measured within a seed: 26 arms of 5 scenarios on up to 5 neighbouring commits, ${MACHINE}`
/** No two load tests of one commit were stored when this was written. */
const ASSUMED = 'assumed, not measured: absolute times on one machine drift from run to run by tens of per cent (load tests)'

/** Pooled over arms, rounded up; the widest arm of prefetch-fairness (p95 wait, prefetch 250 at 50 % load) lies 0.62 apart between seeds, 0.19 within one. */
const BETWEEN_SEEDS: Record<string, number> = {
  waitP50Ms: 0.25,
  waitP95Ms: 0.45,
  waitOverIdeal: 0.35,
  answersPerBusySecond: 0.1,
  deliveryP50Ms: 0.2,
  deliveryP95Ms: 0.4,
}
/** The same draws on both sides: what is left is the machine. */
const WITHIN_SEED: Record<string, number> = { waitP50Ms: 0.2, waitP95Ms: 0.2, waitOverIdeal: 0.2 }
/** Of load tests. */
const ASSUMED_DEVIATION: Record<string, number> = { latencyP99Ms: 0.25, storedP99Ms: 0.25, secondP99Ms: 0.25 }
const OTHERS = 0.15

export function allowanceOf(measure: string, isSameSeed: boolean): Allowance {
  const within = WITHIN_SEED[measure]
  if (isSameSeed && within !== undefined) return { deviation: within, source: SAME_SEED }
  const between = BETWEEN_SEEDS[measure]
  return between === undefined
    ? { deviation: ASSUMED_DEVIATION[measure] ?? OTHERS, source: ASSUMED }
    : { deviation: between, source: SEEDS }
}
