import { prove, scenariosToProve } from './proof.ts'

/** Scenarios that judge what happens, not when: other tests may run beside them, the other half
 *  too. */
prove(await scenariosToProve({ timed: false, from: 0, every: 2 }))
