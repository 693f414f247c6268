import { type Arm, type ArmState, armState, type TaskTimes } from '../../scenarios/experiment/hour/state.ts'
import { followed, type Hero } from './followed.ts'

/** What every painter draws of two arms at an instant: terminal, canvas. Over time it is in
 *  `over-time.ts`. Pure. */

export interface Instant<A extends Arm = Arm> {
  /** The large prefetch first: the followed person waits there. */
  arms: readonly [A, A]
  hourMs: number
  nowMs: number
  /** The most people that wait at once in the whole hour. */
  peak: number
  /** A shorter wait is not worth following. Default `PATIENT_MS`. */
  patientMs?: number
}

export interface ArmPicture<A extends Arm = Arm> {
  arm: A
  state: ArmState
  /** Those who were followed so far, the present one last. */
  followed: readonly Hero[]
  hourMs: number
  nowMs: number
  /** Top of the charts: people. */
  peak: number
}

export function picturesOf<A extends Arm>({ arms, hourMs, nowMs, peak, patientMs }: Instant<A>): [ArmPicture<A>, ArmPicture<A>] {
  const heroes = followed(arms[0], hourMs, nowMs, patientMs)
  const states = [armState(arms[0], nowMs), armState(arms[1], nowMs)] as const
  const top = Math.max(1, peak, ...states.map(({ waiting }) => waiting))
  const of = (a: 0 | 1): ArmPicture<A> => ({ arm: arms[a], state: states[a], followed: heroes, hourMs, nowMs, peak: top })
  return [of(0), of(1)]
}

/** Of each task that a GPU's worker holds and has not begun: how long its asker has waited. */
export function heldWaitsMs({ tasks }: Arm, gpu: number, nowMs: number): number[] {
  const isHeld = (task: TaskTimes) =>
    task.gpu === gpu && (task.deliveredAtMs ?? Number.POSITIVE_INFINITY) <= nowMs && (task.startedAtMs ?? Number.POSITIVE_INFINITY) > nowMs
  return tasks.filter(isHeld).map(({ arrivedAtMs }) => nowMs - arrivedAtMs)
}
