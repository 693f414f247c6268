import { v5 as uuidV5 } from 'uuid'
import type { ChatClient } from '#client'
import { DEFAULT_PLAN, eachAtItsTime, hostNowMs, type Lab, LabError, startLab } from '#lab'
import { connectAskers } from '../replay/asking.ts'
import { promptText } from '../replay/prompt.ts'
import { fittingSeconds, handOverWithin, measureHandOver } from './hand-over.ts'
import { armTitle, demoHour, GPUS, type Hour, type HourOptions, MODEL } from './hour.ts'
import { LiveArm } from './live.ts'
import type { Arm } from './state.ts'
import { watch } from './watch.ts'

/** The hour on the lab: each arm in a private lab of its own, one after the other, so that both have the machine to themselves. */

/** Questions come from many people, one conversation each; one of them may have 20 tasks open. */
const ASKERS_MAX = 250
const NAMESPACE = '0c0f3f6e-5a6e-5f0e-8f0b-2f6f6f1f4f3c'

export interface RealOptions {
  /** How long the hour takes. */
  seconds: number
  /** Whether it may take longer on a machine that is too slow for it. */
  mayTakeLonger: boolean
  signal: AbortSignal
  /** Told at each step. */
  onStep(step: RealStep): void
}

/** How the hour passes on this machine. */
export interface Pace {
  seconds: number
  /** The hour's milliseconds in one of the machine. */
  timeScale: number
  /** From the end of an answer to the start of the next on the same GPU, measured before the hour. Milliseconds of the machine. */
  handOverMs: number
}

export type RealStep =
  | { doing: 'starting' | 'clearing'; title: string }
  /** The hour as predicted for this machine. `again`: the lab starts again, for a longer hour. */
  | { doing: 'paced'; pace: Pace; hour: Hour; again: boolean }
  /** `measured`: so far. */
  | { doing: 'measuring' | 'measured'; arm: 0 | 1; nowMs: number; measured: Arm }

export interface RealHour {
  /** Cut at the end of the hour. */
  arms: [Arm, Arm]
  /** As predicted for this machine. */
  hour: Hour
  pace: Pace
  /** As `pace.handOverMs`, in the hour with prefetch 1. */
  handOverWithinMs: number
}

/** Both arms as measured. Throws INTERRUPTED when aborted; nothing is left behind either way. */
export async function realHour(options: HourOptions, real: RealOptions): Promise<RealHour> {
  const { seconds, mayTakeLonger, signal, onStep } = real
  try {
    let first = await firstArm(options, seconds, mayTakeLonger, real)
    if ('longer' in first) first = await firstArm(options, first.longer, false, real)
    if ('longer' in first) throw new Error('the second start was told to take no longer')
    const { large, hour, pace } = first
    await using lab = await startedLab(options, 1, pace.timeScale, real)
    const one = await measure(lab, await connectAskers(lab, ASKERS_MAX, { signal }), hour, 1, pace, real)
    onStep({ doing: 'clearing', title: one.title })
    return { arms: [large, one], hour, pace, handOverWithinMs: handOverWithin(one) / pace.timeScale }
  } catch (error) {
    // Whatever failed because we stopped is no failure of its own.
    if (signal.aborted) throw new LabError('INTERRUPTED', 'the hour was interrupted; its lab is removed', { cause: error })
    throw error
  }
}

/** The arm with the large prefetch; or, when it may, how long the hour should take instead. */
async function firstArm(
  options: HourOptions,
  seconds: number,
  mayTakeLonger: boolean,
  real: RealOptions,
): Promise<{ large: Arm; hour: Hour; pace: Pace } | { longer: number }> {
  const { signal, onStep } = real
  const paceOf = (inSeconds: number, handOverMs: number) => ({
    handOverMs,
    timeScale: options.hourMs / (1_000 * inSeconds),
    seconds: inSeconds,
  })
  const predicted = ({ timeScale, handOverMs }: Pace) => demoHour({ ...options, handOverMs: handOverMs * timeScale })
  await using lab = await startedLab(options, 0, paceOf(seconds, 0).timeScale, real)
  const askers = await connectAskers(lab, ASKERS_MAX, { signal })
  const handOverMs = await measureHandOver(lab, askers)
  const longer = mayTakeLonger ? fittingSeconds(demoHour(options), handOverMs, seconds) : seconds
  const pace = paceOf(longer, handOverMs)
  const hour = predicted(pace)
  onStep({ doing: 'paced', pace, hour, again: longer > seconds })
  if (longer > seconds) return { longer }
  const large = await measure(lab, askers, hour, 0, pace, real)
  onStep({ doing: 'clearing', title: large.title })
  return { large, hour, pace }
}

async function startedLab(options: HourOptions, arm: 0 | 1, timeScale: number, { signal, onStep }: RealOptions): Promise<Lab> {
  const gpus = DEFAULT_PLAN.gpus.map((gpu, g) => ({ ...gpu, profile: GPUS[g] ?? gpu.profile }))
  // What only the eyes of askers want would cost the machine that is measured, and nobody looks.
  const unseen = { partialsPerSecond: 0, waitingMs: 0 }
  const workerPrefetchTasks = arm === 0 ? options.prefetchTasks : 1
  onStep({ doing: 'starting', title: armTitle(workerPrefetchTasks) })
  const settings = { seed: options.seed, timeScale, model: MODEL, gpuColdLoad: false, workerPrefetchTasks, ...unseen }
  return startLab({ gpus, settings }, { signal })
}

/** One arm, to the end of the hour. */
async function measure(lab: Lab, askers: readonly ChatClient[], hour: Hour, arm: 0 | 1, pace: Pace, real: RealOptions): Promise<Arm> {
  const { signal, onStep } = real
  const live = new LiveArm(hour.arms[arm].title, GPUS, hostNowMs(), pace.timeScale)
  const over = new AbortController()
  const sending = sendAll(hour, live, askers, AbortSignal.any([signal, over.signal]))
  try {
    await watch(lab, live, hour.hourMs, signal, nowMs => onStep({ doing: 'measuring', arm, nowMs, measured: live.arm }))
  } finally {
    over.abort()
    await sending
  }
  signal.throwIfAborted()
  onStep({ doing: 'measured', arm, nowMs: hour.hourMs, measured: live.arm })
  return live.arm
}

/** Every question at its time, whatever became of those before. */
async function sendAll({ tasks, questions }: Hour, live: LiveArm, askers: readonly ChatClient[], signal: AbortSignal): Promise<void> {
  const atMs = tasks.map(task => live.startMs + task.publishedMs / live.timeScale)
  await eachAtItsTime(atMs, signal, index => {
    const [asker, question, id] = [askers[index % askers.length], questions[index], tasks[index]?.id]
    if (asker === undefined || question === undefined) return
    live.sent(index, hostNowMs())
    const text = promptText(question.promptTokens, question.answerTokens)
    asker.send(asker.robot, text, { clientMessageId: uuidV5(`${id}`, NAMESPACE) }).then(
      sent => sent.state === 'stored' && sent.task !== undefined && live.stored(index, sent.task),
      () => undefined, // The hour was over and the client closed: asked and never answered, as it stands.
    )
  })
}
