import type { Semantics } from '#evidence/peers-document'
import type { SystemName } from './targets.ts'

/** What each system promises: a ratio without it compares different things. */

const NOTHING: Semantics = { stored: false, sequenced: false, acknowledged: false, authorised: false, resumes: false }
const EVERYTHING: Semantics = { stored: true, sequenced: true, acknowledged: true, authorised: true, resumes: true }
const QUEUE: Semantics = { ...NOTHING, acknowledged: true }

export const SEMANTICS: Readonly<Record<SystemName, Semantics>> = {
  ours: EVERYTHING,
  'ours-unbatched': EVERYTHING,
  // Stamped by the node, which answers when it is on its way.
  'ours-transient': { ...NOTHING, authorised: true },
  'socket.io-redis': NOTHING,
  'socket.io-sharded': NOTHING,
  // Connection state recovery of the streams adapter, as far as its stream reaches.
  'socket.io-streams': { ...NOTHING, resumes: true },
  'socket.io-batched': NOTHING,
  'ws-redis': NOTHING,
  direct: NOTHING,
  plain: { ...NOTHING, stored: true, acknowledged: true },
  'queue-classic': { ...QUEUE, stored: true },
  'queue-quorum': { ...QUEUE, stored: true },
  // Redis without persistence, as documented in `redisPersistence`.
  'queue-bullmq': QUEUE,
}
