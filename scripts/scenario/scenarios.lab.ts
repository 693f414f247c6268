import { prove, scenariosToProve } from './proof.ts'

/** Scenarios that judge durations: each has the machine alone. */
prove(await scenariosToProve({ timed: true }))
