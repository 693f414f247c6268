import { prove, scenariosToProve } from './proof.ts'

/** The other half of `untimed-scenarios.lab.ts`. */
prove(await scenariosToProve({ timed: false, from: 1, every: 2 }))
