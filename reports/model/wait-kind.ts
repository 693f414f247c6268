/** What a wait means to people, in colour and height. Pure. */

/** A wait that nobody minds, unless said otherwise. Milliseconds. */
export const PATIENT_MS = 30_000
/** In times of it: such a wait makes people leave. */
const GONE_TIMES = 10

export type WaitKind = 'fresh' | 'late' | 'gone'
export const kindOfWait = (ms: number, patientMs = PATIENT_MS): WaitKind =>
  ms < patientMs ? 'fresh' : ms < GONE_TIMES * patientMs ? 'late' : 'gone'
/** Height of a busy cell in its lane: read without colour too. */
export const HEIGHT_OF: Record<WaitKind, number> = { fresh: 1 / 2, late: 3 / 4, gone: 1 }
