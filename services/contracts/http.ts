import { z } from 'zod'
import { MessageFrame } from './frames.ts'
import { UserId, Uuid } from './ids.ts'

/** IM node: `POST /login` -> 200 LoginAnswer | 400 | 401 | 429. `secret` is the lab-wide one, made at `lab:up`. */
export const LoginRequest = z.strictObject({ user: UserId, secret: z.string().max(256) })
export type LoginRequest = z.infer<typeof LoginRequest>
export const LoginAnswer = z.strictObject({ token: z.string(), expiresAt: z.string() })
export type LoginAnswer = z.infer<typeof LoginAnswer>

/** IM node: `GET /history?with=USER&after=SEQ&limit=N` with `Authorization: Bearer TOKEN` -> 200 HistoryPage. Oldest first. */
export const HistoryPage = z.strictObject({ conversation: Uuid, headSeq: z.int().min(0), messages: z.array(MessageFrame) })
export type HistoryPage = z.infer<typeof HistoryPage>

/** Every error over HTTP. */
export const HttpError = z.strictObject({ error: z.strictObject({ code: z.string(), detail: z.string() }) })
export type HttpError = z.infer<typeof HttpError>

/** Every part of ours: `GET /healthz` (process lives), `GET /readyz` 200 or 503 with what is missing, `GET /metrics` (Prometheus), `GET /settings`. */
export const Readiness = z.strictObject({ ready: z.boolean(), missing: z.array(z.string()) })
export type Readiness = z.infer<typeof Readiness>

/** Worker: `GET /held` = what it holds unacknowledged now, per queue; `running` of them are being inferred. */
export const Held = z.strictObject({
  worker: z.string(),
  consuming: z.boolean(),
  queues: z.record(z.string(), z.strictObject({ held: z.int().min(0), running: z.int().min(0) })),
})
export type Held = z.infer<typeof Held>

/** Simulated GPU, lab-only port: `GET /inferences?after=INDEX` -> InferenceLog. Instants are `process.hrtime` of that host, in ns as decimal strings. */
export const Inference = z.strictObject({
  index: z.int().min(0),
  /** Empty when the caller sent no task header. */
  task: z.string(),
  attempt: z.int().min(0),
  worker: z.string(),
  /** How long the worker had held the task when it asked. Milliseconds; absent when the caller did not say. */
  heldMs: z.number().min(0).optional(),
  model: z.string(),
  receivedAtNs: z.string(),
  /** When a slot was taken; absent if it never was. */
  startedAtNs: z.string().optional(),
  firstTokenAtNs: z.string().optional(),
  endedAtNs: z.string().optional(),
  promptTokens: z.int().min(0),
  answerTokens: z.int().min(0),
  outcome: z.enum(['waiting', 'running', 'done', 'aborted', 'failed']),
})
export type Inference = z.infer<typeof Inference>

/** The answer of `GET /inferences`: entries after the index asked for, oldest first; `next` = the `after` of the following call, which misses nothing. */
export const InferenceLog = z.object({ inferences: z.array(Inference), next: z.int().min(-1) })
export type InferenceLog = z.infer<typeof InferenceLog>

/** Simulated GPU, lab-only port: `PUT /faults` replaces all switches, `GET /faults` reads them back. Kinds as real servers fail. */
export const GpuFaults = z
  .strictObject({
    /** Answer every inference with this status and a JSON error. */
    status: z.int().min(400).max(599).optional(),
    /** Cut the connection after so many tokens. */
    cutAfterTokens: z.int().min(0).optional(),
    /** Put an `{"error": …}` line into the stream after so many tokens, under status 200. */
    errorAfterTokens: z.int().min(0).optional(),
    /** Send a line that is not JSON after so many tokens. */
    badJsonAfterTokens: z.int().min(0).optional(),
    /** Stop sending after so many tokens, connection left open. */
    hangAfterTokens: z.int().min(0).optional(),
    /** Decode at this speed, in tokens per second of real time. */
    tokensPerSecond: z.number().positive().optional(),
    /** Only tasks whose prompt contains this text are hit; default all. A poison prompt is `status: 500` with its marker here. */
    onlyPromptsWith: z.string().optional(),
    /** Only this task is hit, by its header. */
    onlyTask: z.string().min(1).optional(),
    /** Hit at most so many inferences, then switch everything off; `GET /faults` shows how many are left. Default: all. */
    times: z.int().min(1).optional(),
    /** Form of a reasoning model's reasoning: `apart` in the API's own field, `inline` between `<think>` and `</think>` as Ollama had it before
     *  0.9, `only` = it reasons to the last token and answers nothing. */
    reasoning: z.enum(['apart', 'inline', 'only']).optional(),
    /** The server is down: its port is closed and every connection cut, until this is cleared. Concerns all tasks. */
    down: z.boolean().optional(),
  })
  .refine(f => f.down !== true || (f.times === undefined && f.onlyTask === undefined && f.onlyPromptsWith === undefined), {
    message: 'a server is down for everybody: `down` goes with neither times, onlyTask nor onlyPromptsWith',
  })
export type GpuFaults = z.infer<typeof GpuFaults>
