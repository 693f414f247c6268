/** What a k6 script reports to its starter. Pure, shared by both sides. */

/** Begins a line of k6's log: one VU's share of one second, a `SecondPart` in JSON. */
export const SECOND_MARK = 'prefetch-lab second '
/** Begins a line of k6's log: ids of what one VU lost, as a JSON array. */
export const LOST_MARK = 'prefetch-lab lost '
/** Begins the line on stdout that carries k6's own summary in JSON. */
export const SUMMARY_MARK = 'prefetch-lab summary '

/** Names of the custom metrics. Trends are in milliseconds. */
export const TRENDS = {
  /** Intended send -> `stored`. */
  stored: 'stored_ms',
  /** Intended send -> shown to the recipient (chat), or the whole answer to the asker (bot). */
  seen: 'seen_ms',
  /** Bot: intended send -> the first piece of the answer. */
  ttft: 'ttft_ms',
  /** Intended send -> handed to the socket: what k6 itself was late. */
  late: 'late_ms',
} as const

export const COUNTERS = {
  /** Sends of the measured part. */
  offered: 'offered',
  /** Confirmed and never shown. */
  lost: 'lost',
  /** Shown again under another seq. */
  duplicates: 'duplicates',
  /** Shown and never sent. */
  phantoms: 'phantoms',
  /** Neither confirmed nor refused by the end. */
  unanswered: 'unanswered',
  refused: 'refused',
  /** Bot: answered with the apology. */
  apologies: 'apologies',
  /** Frames that came twice and were shown once. */
  redelivered: 'redelivered',
  /** Sockets that the node ended. */
  disconnected: 'disconnected',
} as const

/** One VU's share of one second of the measured part, 0 first; seconds of the drain follow. */
export interface SecondPart {
  vu: number
  second: number
  offered: number
  stored: number
  delivered: number
  failed: number
  /** Of what was delivered in it. */
  latenciesMs: number[]
}
