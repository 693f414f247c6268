/** Shared by the scripts inside k6 and the reader outside. Pure. */

/** Trends, in milliseconds from the intended send: confirmed; seen by the recipient (bot: the whole
 *  answer); first piece of an answer; handed to the socket, which is how late k6 itself was. */
export const TRENDS = ['stored_ms', 'seen_ms', 'ttft_ms', 'late_ms'] as const

/** Counters that must stay 0: confirmed but never shown, shown twice, shown but never sent,
 *  neither confirmed nor refused, answered with the apology, connections that the node ended. */
export const FAULTS = ['lost', 'duplicates', 'phantoms', 'unanswered', 'apologies', 'disconnected'] as const

/** Other counters: sends of the measured part, refusals, frames that came twice and were shown
 *  once, VUs that judged all their sends. */
export const COUNTERS = [...FAULTS, 'offered', 'refused', 'redelivered', 'judged'] as const

export type Metric = (typeof TRENDS | typeof COUNTERS)[number]
