import { SetupError } from '#contracts/setup-error'
import { taskQueue } from '#contracts/topology'
import type { ArmDocument } from '#evidence/run-document'
import { LabError } from '#lab'
import { type Options, realCommand } from '../../reports/demo/options.ts'
import { progressOf } from '../../reports/demo/plain.ts'
import { demoHour, type HourOptions } from '../../scenarios/experiment/hour/hour.ts'
import { hourOf, type Paced, type RealHour, type RealStep } from '../../scenarios/experiment/hour/real.ts'
import { armSeen } from '../../scenarios/experiment/hour/seen.ts'
import type { Arm } from '../../scenarios/experiment/hour/state.ts'
import { stopSignal } from '../lab/stop.ts'
import { runOne } from '../scenario/one.ts'
import { ensureNativePackages } from '../setup/packages.ts'
import { playReal } from './play.ts'

/** The hour on the lab: an experiment, with its picture or its progress while it runs. */

const SECONDS = 60
/** Where all questions wait. */
const QUEUE = taskQueue('chat')

/** Set-up and both arms. `error`: impossible, or stopped. @param terminal to draw on */
export async function measuredHour(
  asked: HourOptions,
  options: Options,
  terminal: boolean,
): Promise<RealHour | { error: string; exitCode: number }> {
  const leave = new AbortController()
  const signal = AbortSignal.any([stopSignal(), leave.signal])
  const run = (onStep: (step: RealStep) => void) => realHour(asked, options, signal, onStep)
  try {
    await ensureNativePackages({ install: options.install })
    if (!terminal) return await run(progressOf(asked.hourMs, line => console.error(line)))
    return await playReal(demoHour(asked), options.seed, run, () => leave.abort())
  } catch (error) {
    if (!(error instanceof LabError || error instanceof SetupError)) throw error
    return { error: `${error.code}: ${error.message}`, exitCode: error.exitCode }
  }
}

/** Throws INTERRUPTED when aborted; nothing is left behind either way. */
async function realHour(asked: HourOptions, options: Options, signal: AbortSignal, onStep: (step: RealStep) => void): Promise<RealHour> {
  try {
    const first = await once(asked, options, options.seconds ?? SECONDS, options.seconds === undefined, signal, onStep)
    const done = 'longer' in first ? await once(asked, options, first.longer, false, signal, onStep) : first
    if ('longer' in done) throw new Error('the second start takes as long as it was given')
    return done
  } catch (error) {
    // Failures after our stop are its effect.
    if (signal.aborted) throw new LabError('INTERRUPTED', 'the hour was interrupted; its lab is removed', { cause: error })
    throw error
  }
}

/** Both arms as measured; or, where it may take longer and this machine needs it, how long. */
async function once(
  asked: HourOptions,
  options: Options,
  seconds: number,
  mayTakeLonger: boolean,
  stop: AbortSignal,
  onStep: (step: RealStep) => void,
): Promise<RealHour | { longer: number }> {
  const tooShort = new AbortController()
  let paced: Paced | undefined
  let longer: number | undefined
  const onPaced = (now: Paced, needed: number) => {
    const again = mayTakeLonger && needed > seconds
    paced = now
    onStep({ doing: 'paced', ...now, again })
    if (!again) return
    longer = needed
    tooShort.abort()
  }
  const scenario = hourOf(asked, seconds, onPaced, realCommand(options, seconds))
  const indexOf = (title: string): 0 | 1 => (scenario.arms.some(({ name }) => name === title) ? 1 : 0)
  const last: Partial<Record<0 | 1, Arm>> = {}
  const seenOf = (title: string, history: Parameters<typeof armSeen>[0], { hour, pace }: Paced) =>
    armSeen(history, title, hour.gpus, QUEUE, { hourMs: asked.hourMs, timeScale: pace.timeScale, firstMs: hour.tasks[0]?.publishedMs ?? 0 })
  const signal = AbortSignal.any([stop, tooShort.signal])
  const ran = await runOne(scenario, {
    seed: asked.seed,
    size: 'full',
    signal,
    controlsFirst: true,
    say: () => undefined,
    onArm: (title, event) => event === 'starting' && onStep({ doing: 'starting', title }),
    onLook: (title, history) => {
      const [arm, measured] = [indexOf(title), paced && seenOf(title, history, paced)]
      if (measured === undefined) return
      last[arm] = measured
      onStep({ doing: 'measuring', arm, nowMs: measured.samples?.at(-1)?.atMs ?? 0, measured })
    },
    onJudged: ({ name: title }) => {
      const [arm, measured] = [indexOf(title), last[indexOf(title)]]
      if (measured === undefined) return
      for (const doing of ['measuring', 'measured'] as const) onStep({ doing, arm, nowMs: asked.hourMs, measured })
      onStep({ doing: 'clearing', title })
    },
  }).catch((error: unknown) => {
    if (longer === undefined || stop.aborted) throw error
    return { longer }
  })
  if ('longer' in ran) return ran
  const whole = (arm: ArmDocument | undefined): Arm => {
    const history = arm && { ...arm.facts, events: ran.histories.get(arm.name) ?? [] }
    const measured = history && paced && seenOf(arm.name, history, paced)
    if (measured === undefined) throw new LabError('TIMED_OUT', `no question of the hour was sent.\nLook: npm run report -- ${ran.folder}`)
    return measured
  }
  const [large, one] = ran.document.arms
  if (paced === undefined) throw new LabError('TIMED_OUT', `the warm-up did not end.\nLook: npm run report -- ${ran.folder}`)
  return { arms: [whole(large), whole(one)], ...paced, gapWithinMs: one?.measures['gapMeanMs'] ?? 0 }
}
