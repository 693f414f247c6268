/** The highest rate within every limit. Pure but for the trials. */

export interface RateStep {
  ratePerSecond: number
  /** Whether every check and limit held; null where the trial says nothing. */
  held: boolean | null
  why: string
}

export interface SearchBounds {
  fromPerSecond: number
  toPerSecond: number
  /** The last two rates are as close as this. Share of the lower. */
  within: number
}

/** How often a rate is tried whose trial says nothing. */
const TRIES = 3

/** Doubles until a trial fails, then bisects. An unclear trial is repeated, and counts as failed
 *  after three. @returns all steps, and the highest rate that held */
export async function searchRate(
  { fromPerSecond, toPerSecond, within }: SearchBounds,
  attempt: (ratePerSecond: number) => Promise<Omit<RateStep, 'ratePerSecond'>>,
): Promise<{ steps: RateStep[]; highest: number | undefined }> {
  const steps: RateStep[] = []
  const trial = async (rate: number) => {
    for (let tries = 1; ; tries += 1) {
      const { held, why } = await attempt(rate)
      steps.push({ ratePerSecond: rate, held, why })
      if (held !== null || tries === TRIES) return held === true
    }
  }
  let [low, high] = [0, Number.POSITIVE_INFINITY]
  for (let rate = fromPerSecond; high === Number.POSITIVE_INFINITY && low < toPerSecond; rate = Math.min(toPerSecond, rate * 2)) {
    if (await trial(rate)) low = rate
    else high = rate
  }
  while (low > 0 && high < Number.POSITIVE_INFINITY && high - low > within * low) {
    const middle = rounded((low + high) / 2)
    if (middle <= low || middle >= high) break
    if (await trial(middle)) low = middle
    else high = middle
  }
  return { steps, highest: low > 0 ? low : undefined }
}

/** Rates that people would name: two figures. */
function rounded(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 1)
  return Math.round(rate / unit) * unit
}
