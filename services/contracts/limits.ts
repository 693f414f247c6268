/** Limits both sides of a process border share; `settings.ts` has what is tunable. */

/** Largest WebSocket frame from a client, bytes; larger ones close with 1009. */
export const FRAME_MAX_BYTES = 65_536

/** Largest prompt or chat body, in bytes of UTF-8 (16 KiB). */
export const BODY_MAX_BYTES = 16_384

/** Messages in one page of a resume or of the history. */
export const PAGE_MESSAGES = 200

/** Conversations whose cursors one resume frame may carry; a client with more sends several. */
export const RESUME_CURSORS_MAX = 1_000

/** Tasks that a worker lists of those that it holds. */
export const HELD_TASKS_MAX = 300

/** Between two looks of a worker with a `workerBacklogMin`. Milliseconds. */
export const BACKLOG_LOOK_MS = 20

/** RabbitMQ's own `consumer_timeout`. */
export const CONSUMER_TIMEOUT_MS = 1_800_000
