import { prove, scenariosToProve } from './proof.ts'

/** Scenarios that judge what happens, not when: other tests may run beside them. */
prove(await scenariosToProve({ timed: false }))
