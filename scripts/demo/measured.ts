import { SetupError } from '#contracts/setup-error'
import { LabError } from '#lab'
import { progressOf } from '../../reports/demo/plain.ts'
import { demoHour, type HourOptions } from '../../scenarios/experiment/hour/hour.ts'
import { type RealHour, type RealStep, realHour } from '../../scenarios/experiment/hour/real.ts'
import { stopSignal } from '../lab/stop.ts'
import { ensureNativePackages } from '../setup/packages.ts'
import { playReal } from './play.ts'

export interface MeasuredOptions {
  /** How long the hour takes. Default 60, or as long as this machine needs. */
  seconds: number | undefined
  /** false = never install a system package. */
  install: boolean
  /** Whether there is one to draw on; without it progress goes to stderr. */
  terminal: boolean
}

const SECONDS = 60

/** `--real`: the set-up, and both arms on the lab. `error`: this machine cannot, or somebody stopped it. */
export async function measuredHour(options: HourOptions, how: MeasuredOptions): Promise<RealHour | { error: string; exitCode: number }> {
  const leave = new AbortController()
  const signal = AbortSignal.any([stopSignal(), leave.signal])
  const { seconds = SECONDS, install, terminal } = how
  const run = (onStep: (step: RealStep) => void) => realHour(options, { seconds, mayTakeLonger: how.seconds === undefined, signal, onStep })
  try {
    await ensureNativePackages({ install })
    if (!terminal) return await run(progressOf(options.hourMs, line => console.error(line)))
    return await playReal(demoHour(options), options.seed, run, () => leave.abort())
  } catch (error) {
    if (!(error instanceof LabError || error instanceof SetupError)) throw error
    return { error: `${error.code}: ${error.message}`, exitCode: error.exitCode }
  }
}
