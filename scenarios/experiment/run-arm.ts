import { countedMeasures } from '#evidence/counted'
import { reason } from '#evidence/finding'
import type { ArmFacts, Ended, History, HistoryEvent } from '#evidence/history'
import { type JudgedArm, judgeArm, type Role } from '#evidence/judge'
import { measuresOf } from '#evidence/schedule'
import { LabError } from '../lab/errors.ts'
import type { Lab } from '../lab/lab.ts'
import { DEFAULT_PLAN, type LabPlan } from '../lab/plan.ts'
import type { ModelTap } from '../lab/real-model/tap.ts'
import { orAborted } from '../lab/until.ts'
import { ArmLab } from './arm-lab.ts'
import { armFacts } from './collect.ts'
import { type Arm, type Control, checksOf, type Scenario } from './definition.ts'
import { Exits } from './exits.ts'
import { Observation } from './observation.ts'
import { Recorder } from './recorder.ts'

/** Runs one arm in a lab that is up for it, and judges what was recorded, however far it came. */

export interface ArmRun {
  arm: Arm<object>
  role: Role
  parameters: object
  plan: Partial<LabPlan>
  judged: JudgedArm
  history: HistoryEvent[]
  facts: ArmFacts
  measures: Record<string, number>
  /** In its own words; empty where there was no lab. */
  broker: string
  tookMs: number
}

export type ArmOutcome = Omit<ArmRun, 'tookMs' | 'broker'>

/** What an arm runs with. */
export interface ArmSetUp extends Pick<ArmRun, 'role' | 'parameters' | 'plan'> {
  arm: Arm<object> | Control<object>
  seed: number
  /** What the arms of one run share. */
  shared: Map<string, number>
  signal: AbortSignal
  tap: ModelTap | undefined
  /** Told a few times a second what was recorded so far. */
  onLook?: ((arm: string, seen: History) => void) | undefined
}

/** Throws only if interrupted: other errors end the arm and go into its history. */
export async function runArm(lab: Lab, scenario: Scenario, setUp: ArmSetUp): Promise<ArmOutcome> {
  const { arm, seed, shared, signal, tap, onLook } = setUp
  const observation = new Observation(lab, { tap, onLook: onLook && (seen => onLook(arm.name, seen)) })
  const { recorder, logs } = observation
  const ends = (error: unknown, ended: Ended = 'error') => recordEnd(recorder, ended, error, signal)
  try {
    await using closing = new AsyncDisposableStack()
    closing.use(observation)
    await observation.start()
    const endsWhen = 'endsWhen' in arm ? arm.endsWhen : undefined
    const keepsTexts = tap !== undefined
    const exits = closing.use(new Exits(lab))
    const script = { signal: AbortSignal.any([signal, exits.signal]), exits, keepsTexts, endsWhen, closing }
    const armLab = new ArmLab({ lab, recorder, logs, seed, shared, ...script })
    const thrown = await orAborted(scenario.run(armLab, setUp.parameters), script.signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    // Once more: it may have ended since the last look, and whatever was thrown may come of it.
    await orAborted(exits.look(), signal)
    if (exits.signal.aborted) ends(exits.signal.reason)
    else if (isOfCommand(thrown?.error)) throw thrown?.error
    else if (thrown !== undefined) ends(thrown.error, waitRanOut(thrown.error) ? 'cut-short' : 'error')
    // After an error these may fail too: what there is counts, and the first error is the reason.
    await observation.readStores(ends, signal)
  } catch (error) {
    if (isOfCommand(error)) throw error
    ends(error)
  }
  return armRun(scenario, setUp, { ...observation.facts, events: observation.events() })
}

/** An arm for which there was no lab. */
export function neverRan(scenario: Scenario, setUp: ArmSetUp, error: unknown): ArmOutcome {
  const recorder = new Recorder()
  recordEnd(recorder, 'error', error, setUp.signal)
  return armRun(scenario, setUp, { ...armFacts({ ...DEFAULT_PLAN, ...setUp.plan }), events: recorder.events })
}

/** The user's worker does not come up: no arm can tell more, and it is theirs to fix. */
export function isOfCommand(error: unknown): boolean {
  return error instanceof LabError && (error.code === 'COMMAND_EXITED' || error.code === 'COMMAND_SILENT')
}

/** A script's own wait, or that for the answer of a part. */
const waitRanOut = (error: unknown) =>
  (error instanceof LabError && error.code === 'TIMED_OUT') || (error instanceof Error && error.name === 'TimeoutError')

/** Records a throw; the first counts, as it may cause others. Throws when interrupted. */
function recordEnd(recorder: Recorder, ended: Ended, error: unknown, signal: AbortSignal): void {
  signal.throwIfAborted()
  if (recorder.events.some(event => event.kind === 'rest' && event.ended === 'error')) return
  recorder.record({ kind: 'rest', ended, lastSeen: said(error) })
}

/** A bug comes with its stack. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof LabError) return `${error.code}: ${error.message}`
  return waitRanOut(error) ? `${error.name}: ${error.message}` : (error.stack ?? error.message)
}

function armRun(scenario: Scenario, { arm, role, parameters, plan }: ArmSetUp, history: History): ArmOutcome {
  const { events, ...facts } = history
  const breaks = 'breaks' in arm ? { breaks: arm.breaks, mayBreak: arm.mayBreak } : {}
  const run = { arm, role, parameters, plan, history: [...events], facts }
  try {
    const judged = judgeArm(history, checksOf(scenario, arm), { name: arm.name, role, ...breaks })
    return { ...run, judged, measures: { ...measuresOf(history), ...countedMeasures(history) } }
  } catch (error) {
    // The history outlives a bug in a check; judging it again tells more.
    const why = reason('not-judgeable', { lastSeen: said(error) })
    return { ...run, judged: { name: arm.name, role, verdict: 'unknown', why, checks: [] }, measures: {} }
  }
}
