import type { TaskFailure } from '#contracts/tasks'

/** Why an inference gave no answer, and whose fault that is. Pure: the table in README.md. */

/** `task`: believed only if a probe succeeds. `server`: every task fails. `busy`: retry later. */
export type Fault = 'task' | 'server' | 'busy' | 'nobody'

interface Kind {
  fault: Fault
  /** The same prompt on the same server ends the same way: the task ends at once. */
  final?: true
  /** The server has shown that it works: no probe is needed. */
  proven?: true
  /** What a model server does, as an example that a person can recognise. */
  seen: string
}

export const FAILURES = {
  stopped: { fault: 'nobody', seen: 'this worker is being stopped' },
  cancelled: { fault: 'nobody', seen: 'the asker cancelled the prompt' },
  busy: { fault: 'busy', seen: 'status 429 or 503, with or without `Retry-After`' },
  unreachable: { fault: 'server', seen: 'connection refused, unknown host, bad certificate' },
  'no-access': { fault: 'server', seen: 'status 401, 402, 403 or 407' },
  'model-missing': { fault: 'server', seen: 'status 404 or 410: the model is not pulled' },
  'wrong-settings': { fault: 'server', seen: 'status 400: the model does not support chat, or `think`' },
  'not-a-model-server': { fault: 'server', seen: 'a redirect, another 404, 405, 501, a web page' },
  error: { fault: 'task', seen: 'any other status; a stream with an error, cut off or not JSON' },
  silent: { fault: 'task', seen: 'nothing for `inferenceGapMs`, loading: `modelLoadDeadlineMs`' },
  'too-slow': { fault: 'task', seen: 'still not done after `inferenceDeadlineMs`' },
  'too-long': { fault: 'task', final: true, seen: 'status 413, or 400 about the context' },
  refused: { fault: 'task', final: true, seen: 'any other status 400 or 422' },
  'only-thinking': {
    fault: 'task',
    final: true,
    proven: true,
    seen: 'reasoning used up the token cap',
  },
  empty: { fault: 'task', seen: 'a complete answer without text' },
} as const satisfies Record<string, Kind>

export type FailureCode = keyof typeof FAILURES

/** One of them, as seen. */
export interface Failure {
  code: FailureCode
  /** For the log: what the server said, without prompt and answer. */
  detail: string
  /** The server's own wish, from `Retry-After`. Milliseconds. */
  retryAfterMs?: number
}

/** What the table says of a failure. */
export const kindOf = (failure: Failure): Kind => FAILURES[failure.code]

/** Why a task ends that could not get better. */
export function taskFailure({ code }: Failure): TaskFailure {
  return code === 'too-long' || code === 'only-thinking' ? code : 'refused'
}

/** Longest `Retry-After` that counts: the server's clock may be wrong. Milliseconds. */
const RETRY_AFTER_MAX_MS = 3_600_000

/** `Retry-After`, seconds or a date, in milliseconds from `nowMs`; undefined if unreadable. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined
  if (!/^\d|^[a-z]/i.test(header.trim())) return undefined
  const ms = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms))
}

/** How servers say that a prompt is too long: ollama/ollama#17889, #17427, llama.cpp, vLLM, SGLang,
 *  LM Studio. */
const ABOUT_CONTEXT =
  /context (the )?overflow|context (length|size|window)|exceeds? the (available )?context|(input|prompt) (length|is) .*(exceeds|too long)|too many tokens/i
/** A request that fails whatever the prompt is. */
const ABOUT_SETTINGS = /does not support|chat.template|invalid option|unknown (option|parameter)|invalid think/i

/** Sorts an error status. @param said the server's error text. @param isJson it came as JSON. */
export function sortStatus(status: number, said: string, isJson: boolean): FailureCode {
  switch (status) {
    case 429:
    case 503:
      return 'busy'
    case 401:
    case 402:
    case 403:
    case 407:
      return 'no-access'
    case 410:
      return 'model-missing'
    case 404:
      return isJson && /model/i.test(said) ? 'model-missing' : 'not-a-model-server'
    case 405:
    case 501:
      return 'not-a-model-server'
    case 413:
      return 'too-long'
    case 400:
    case 422:
      return ABOUT_CONTEXT.test(said) ? 'too-long' : ABOUT_SETTINGS.test(said) ? 'wrong-settings' : 'refused'
  }
  if (status >= 300 && status < 400) return 'not-a-model-server'
  return ABOUT_CONTEXT.test(said) ? 'too-long' : 'error'
}

/** Errors before anything reached the server. A reset is not one: the prompt may have caused it. */
const NEVER_THERE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|.*CERT.*|.*SELF_SIGNED.*|ERR_TLS.*|ERR_SSL.*|DEPTH_ZERO.*|UNABLE_TO_.*)$/

/** Sorts an exception of the request itself. @param code of the error or of its cause. */
export function sortException(code: string, message: string): FailureCode {
  if (NEVER_THERE.test(code)) return 'unreachable'
  if (/redirect/i.test(message)) return 'not-a-model-server'
  return ABOUT_CONTEXT.test(message) ? 'too-long' : 'error'
}
