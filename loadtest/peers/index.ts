/** Peers in one run: targets, what is measured, and how it is judged. */

export { judgePeersAgain } from './judge.ts'
export { peersPlan } from './plan.ts'
export { runPeers } from './run.ts'
export { TARGETS, targetsNamed } from './targets.ts'
