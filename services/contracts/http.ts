import { z } from 'zod'
import { MessageFrame } from './frames.ts'
import { UserId, Uuid } from './ids.ts'

/** IM node: `POST /login` -> 200 LoginAnswer | 400 | 401 | 429. `secret`: lab-wide. */
export const LoginRequest = z.strictObject({ user: UserId, secret: z.string().max(256) })
export type LoginRequest = z.infer<typeof LoginRequest>
export const LoginAnswer = z.strictObject({ token: z.string(), expiresAt: z.string() })
export type LoginAnswer = z.infer<typeof LoginAnswer>

/** IM node: `GET /history?with=USER&after=SEQ&limit=N`, bearer token. Oldest first. */
export const HistoryPage = z.strictObject({ conversation: Uuid, headSeq: z.int().min(0), messages: z.array(MessageFrame) })
export type HistoryPage = z.infer<typeof HistoryPage>

/** Every error over HTTP. */
export const HttpError = z.strictObject({ error: z.strictObject({ code: z.string(), detail: z.string() }) })
export type HttpError = z.infer<typeof HttpError>

/** Our parts: `GET /healthz` (lives), `/readyz` (200 or 503 and why), `/metrics`, `/settings`. */
export const Readiness = z.strictObject({ ready: z.boolean(), missing: z.array(z.string()) })
export type Readiness = z.infer<typeof Readiness>

/** Worker: `GET /held`, unacknowledged tasks per queue; `running` of them are being inferred.
 *  `oldestMs`: how long it has held the oldest of all; absent if it holds none. With `?tasks=1`
 *  also which, `HELD_TASKS_MAX` of them at most. */
export const Held = z.strictObject({
  worker: z.string(),
  consuming: z.boolean(),
  queues: z.record(z.string(), z.strictObject({ held: z.int().min(0), running: z.int().min(0) })),
  oldestMs: z.number().min(0).optional(),
  tasks: z.array(z.strictObject({ task: z.string(), heldMs: z.number() })).optional(),
})
export type Held = z.infer<typeof Held>

/** Simulated GPU, lab port: `GET /inferences?after=INDEX`, without probes. Host `hrtime` in ns. */
export const Inference = z.strictObject({
  index: z.int().min(0),
  /** Empty when the caller sent no task header. */
  task: z.string(),
  attempt: z.int().min(0),
  worker: z.string(),
  /** How long the worker had held the task. Milliseconds; absent if the caller sent nothing. */
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

/** Entries after an index, oldest first; `next` is the following call's `after`. */
export const InferenceLog = z.object({ inferences: z.array(Inference), next: z.int().min(-1) })
export type InferenceLog = z.infer<typeof InferenceLog>

/** Worker: `GET /steps?after=INDEX`, answered tasks step by step. Host `hrtime` in ns. */
export const TaskSteps = z.strictObject({
  index: z.int().min(0),
  task: z.string(),
  attempt: z.int().min(0),
  takenAtNs: z.string(),
  /** The attempt is committed. */
  countedAtNs: z.string(),
  /** The request to the model server is being written. */
  askedAtNs: z.string(),
  /** The last piece of the answer came. */
  endedAtNs: z.string(),
  savedAtNs: z.string(),
  confirmedAtNs: z.string(),
})
export type TaskSteps = z.infer<typeof TaskSteps>

/** Entries after an index, oldest first; the oldest of all are dropped. */
export const StepLog = z.object({ worker: z.string(), steps: z.array(TaskSteps) })
export type StepLog = z.infer<typeof StepLog>

/** Worker: `PUT /orders` -> 200 all of them | 400. Settings that a running worker takes on; with
 *  another prefetch it gives back what it has not begun, as a restarted one would. */
export const WorkerOrders = z.strictObject({ workerPrefetchTasks: z.int().min(0).max(65_535), workerSlots: z.int().min(1).max(1_000) })
export type WorkerOrders = z.infer<typeof WorkerOrders>

/** A refusal by a model server or proxy: `services/gpu-sim/failures.ts` has the real texts. */
export const GpuFailure = z.enum([
  'out-of-memory', // 500, the runner died of it
  'model-missing', // 404
  'no-chat', // 400, an embedding model
  'no-thinking', // 400
  'input-too-long', // 400
  'busy', // 503, without Retry-After, as Ollama sends it
  'rate-limit', // 429 with Retry-After
  'unauthorized', // 401
  'bad-gateway', // 502, a page of nginx
  'gateway-timeout', // 504, a page of nginx
  'login-page', // 200, a page of HTML
  'redirect', // 301 to https
])
export type GpuFailure = z.infer<typeof GpuFailure>

const tokens = z.int().min(0)

/** Simulated GPU, lab port: `PUT /faults` replaces all switches, `GET /faults` reads them. */
export const GpuFaults = z
  .strictObject({
    // Instead of an answer.
    /** As a real server refuses. */
    failure: GpuFailure.optional(),
    /** Answer every inference with this status; beside `failure`: instead of its own. */
    status: z.int().min(300).max(599).optional(),
    /** Text of the error: of the refusal, or in mid-stream. Default: what real servers say. */
    error: z.string().max(10_000).optional(),
    /** What a refusal looks like. Default `json` = `{"error": …}`. */
    body: z.enum(['json', 'text', 'html', 'empty']).optional(),
    /** Header `Retry-After` of a refusal, in seconds. */
    retryAfterSeconds: z.int().min(0).max(1_000_000).optional(),
    /** The header as a date of HTTP. Default: as a number. */
    retryAfterForm: z.enum(['seconds', 'date']).optional(),
    /** `silent`: never answer. `reset`: cut the connection before any header. */
    connection: z.enum(['silent', 'reset']).optional(),
    // Amid an answer.
    /** Cut the connection after this many tokens. */
    cutAfterTokens: tokens.optional(),
    /** Then an `{"error": …}` line in the stream, under status 200. */
    errorAfterTokens: tokens.optional(),
    /** Send a line that is not JSON after this many tokens. */
    badJsonAfterTokens: tokens.optional(),
    /** Stop sending, connection left open. */
    hangAfterTokens: tokens.optional(),
    /** Decode at this speed, in tokens per second of real time. */
    tokensPerSecond: z.number().positive().optional(),
    /** Send this many bytes at a time, splitting lines and characters. */
    dripBytes: z.int().min(1).optional(),
    /** The stream's end: without counts, missing, in `half`, or `done: false` (ollama#10015). */
    lastLine: z.enum(['no-counts', 'missing', 'half', 'not-done']).optional(),
    // The model.
    /** `apart`: in the API's field. `inline`: between `<think>` tags. `only`, `unclosed`: until the
     *  cap, no answer (apart, inline). `no-open`, `nested`, `twice`: inline, with odd tags. */
    reasoning: z.enum(['apart', 'inline', 'only', 'unclosed', 'no-open', 'nested', 'twice']).optional(),
    /** Length of the reasoning. Default: the model's own. */
    reasoningTokens: tokens.optional(),
    /** A prompt that is longer than the context. Default: as the model's profile says. */
    longPrompt: z.enum(['truncate', 'refuse']).optional(),
    // Whom it hits; default all.
    /** Hit only prompts with this text: a poison prompt is `status: 500` with its marker here. */
    onlyPromptsWith: z.string().optional(),
    /** Only this task is hit, by its header. */
    onlyTask: z.string().min(1).optional(),
    /** Hit this many inferences, probes included, then switch off; `GET /faults` shows the rest. */
    times: z.int().min(1).optional(),
    // The whole server, for everybody.
    /** The models that it has, embedding models by their names; `[]` = none. */
    models: z.array(z.string().min(1)).max(100).optional(),
    /** Short for `models: []`. */
    modelMissing: z.boolean().optional(),
    /** Duration of a model load, real milliseconds. Setting it unloads idle models. */
    loadMs: z.number().min(0).optional(),
    /** Requests that may wait for a model that is not loaded; further ones get 503. Default 512. */
    queueMax: z.int().min(0).optional(),
    /** The server is down: its port is closed and every connection cut, until this is cleared. */
    down: z.boolean().optional(),
  })
  .superRefine((faults, context) => {
    const given = (...names: (keyof typeof faults)[]) => names.filter(name => faults[name] !== undefined && faults[name] !== false)
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    const [whole, some] = [given(...WHOLE_SERVER), given('times', 'onlyTask', 'onlyPromptsWith')]
    if (whole.length > 0 && some.length > 0)
      refuse(`${whole[0]} concerns everybody: it goes with neither times, onlyTask nor onlyPromptsWith`)
    if (faults.connection !== undefined && given('failure', 'status').length > 0)
      refuse('connection: nothing is answered, so no failure or status either')
    if (given('failure', 'status').length > 0) return
    const ofRefusals = given('body', 'retryAfterSeconds', 'retryAfterForm')
    if (ofRefusals.length > 0) refuse(`${ofRefusals[0]}: expected failure or status beside it`)
    if (faults.error !== undefined && faults.errorAfterTokens === undefined)
      refuse('error: expected failure, status or errorAfterTokens beside it')
  })
export type GpuFaults = z.infer<typeof GpuFaults>

const WHOLE_SERVER = ['models', 'modelMissing', 'loadMs', 'queueMax', 'down'] as const
