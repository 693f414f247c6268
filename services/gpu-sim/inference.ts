import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GpuFaults } from '#contracts/http'
import { fullModelName } from '#contracts/model-server'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { type Answer, type Card, planAnswer } from './answer.ts'
import type { Job, Work } from './engine.ts'
import { type FaultSwitches, stopsAfter } from './faults.ts'
import { type Gpu, hostNowMs } from './gpu.ts'
import type { Entry, InferenceLog } from './inference-log.ts'
import { bare, chunk, type Ending, last } from './lines.ts'
import { catalogue, thinks } from './models.ts'
import { type ModelRequest, Refusal } from './requests.ts'

/** One request to the model: planned, run on the GPU, written to the wire. */

export interface Setup extends Card {
  /** The model of the lab. */
  model: string
  /** Requests that may wait for a model which is not loaded; further ones get 503. OLLAMA_MAX_QUEUE, 512 in Ollama. Like there it does not
   *  bound what waits for a loaded model: the broker's prefetch is the real admission control. */
  queueMax: number
}

export interface Bench {
  setup: Setup
  gpu: Gpu
  log: InferenceLog
  faults: FaultSwitches
  /** Told once per inference, when it is over. */
  ended(entry: Entry): void
}

/** Answers one chat or generate request; returns at once, the answer follows. Throws Refusal before anything was written. */
export function infer(bench: Bench, request: ModelRequest, req: IncomingMessage, res: ServerResponse): void {
  const model = fullModelName(request.model)
  const { setup } = bench
  if (!catalogue(setup.model).includes(model)) throw new Refusal(404, `model '${request.model}' not found`)
  if (request.think === true && !thinks(model)) throw new Refusal(400, `"${request.model}" does not support thinking`)
  if (request.prompt === '') {
    loadOnly(bench, request, model, res)
    return
  }

  const task = header(req, INFERENCE_HEADERS.task)
  const faults = bench.faults.take(task, request.prompt)
  const answer = planAnswer(setup, { ...request, model }, task, faults)
  const entry = bench.log.add({
    task,
    attempt: Number.parseInt(header(req, INFERENCE_HEADERS.attempt), 10) || 0,
    worker: header(req, INFERENCE_HEADERS.worker),
    ...heldBy(req),
    model,
    receivedAtMs: hostNowMs(),
    promptTokens: answer.promptTokens,
  })
  const refuse = (status: number, message: string) => {
    close(bench, entry, 'failed', hostNowMs())
    throw new Refusal(status, message)
  }
  if (faults.status !== undefined) refuse(faults.status, `simulated fault: status ${faults.status}`)
  if (busy(bench, model)) refuse(503, 'server busy, please try again.  maximum pending requests exceeded')
  run(bench, request, work(request, model, answer, faults), answer, faults, entry, res)
}

function header(req: IncomingMessage, name: string): string {
  const value = req.headers[name]
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

function heldBy(req: IncomingMessage): { heldMs?: number } {
  const heldMs = Number.parseFloat(header(req, INFERENCE_HEADERS.held))
  return heldMs >= 0 && heldMs < Number.POSITIVE_INFINITY ? { heldMs } : {}
}

function busy({ gpu, setup }: Bench, model: string): boolean {
  const nowMs = hostNowMs()
  if (gpu.engine.memory.ready(nowMs, model)) return false
  const pending = gpu.engine.waiting.filter(job => !gpu.engine.memory.ready(nowMs, job.work.model))
  return pending.length >= setup.queueMax
}

function work(request: ModelRequest, model: string, { tokens, timing }: Answer, faults: GpuFaults): Work {
  const stop = stopsAfter(faults)?.tokens
  const marks = new Set([
    1,
    ...(stop === undefined ? [] : [stop]),
    ...(faults.badJsonAfterTokens === undefined ? [] : [faults.badJsonAfterTokens]),
  ])
  return {
    model,
    keepAliveMs: request.keepAliveMs,
    ...timing,
    tokens,
    marks: [...marks].filter(mark => mark < tokens).sort((a, b) => a - b),
  }
}

function run(bench: Bench, request: ModelRequest, work: Work, answer: Answer, faults: GpuFaults, entry: Entry, res: ServerResponse): void {
  const { gpu } = bench
  const stop = stopsAfter(faults)
  let badJsonAt = faults.badJsonAfterTokens
  let sent = 0
  const write = (text: string) => {
    if (!res.headersSent) res.setHeader('content-type', 'application/x-ndjson')
    res.write(text)
  }
  const show = (tokens: number) => {
    entry.answerTokens = tokens
    if (!request.stream || tokens <= sent) return
    const piece = answer.between(sent, tokens)
    sent = tokens
    // Nobody's buffer grows without bound: an answer is as long as its cap.
    write(chunk(request.endpoint, request.model, piece))
  }
  /** Ends badly, at this instant. */
  const fail = (job: Job, atMs: number, how: () => void) => {
    gpu.engine.end(atMs, job)
    close(bench, entry, 'failed', atMs)
    how()
  }
  const job = gpu.submit(work, {
    started(job, atMs) {
      entry.startedAtMs = atMs
      entry.slotsInUse = job.slotsInUse
      entry.outcome = 'running'
    },
    tick: (_, tokens) => show(tokens),
    tokens(job, tokens, atMs) {
      if (tokens > 0) entry.firstTokenAtMs ??= atMs
      show(tokens)
      if (badJsonAt !== undefined && tokens >= Math.min(badJsonAt, work.tokens)) {
        badJsonAt = undefined
        write('{"model":"simulated fault: this line is no JSON\n')
      }
      if (stop !== undefined && tokens >= Math.min(stop.tokens, work.tokens)) {
        if (stop.how === 'hang') gpu.engine.hold(atMs, job)
        else if (stop.how === 'cut') fail(job, atMs, () => cutAfterSent(res))
        else fail(job, atMs, () => midError(res, 'simulated fault: an error in mid-stream'))
      } else if (tokens >= work.tokens) {
        gpu.engine.end(atMs, job)
        close(bench, entry, 'done', atMs)
        const piece = request.stream ? { thinking: '', content: '' } : answer.between(0, tokens)
        if (!res.headersSent) res.setHeader('content-type', request.stream ? 'application/x-ndjson' : 'application/json; charset=utf-8')
        res.end(last(request.endpoint, request.model, piece, ending(job, answer)))
      }
    },
  })
  // Frees the slot at once, whether the answer runs, waits or hangs.
  onHangUp(res, () => {
    if (entry.endedAtMs !== undefined) return
    gpu.end(job)
    close(bench, entry, 'aborted', job.endedAtMs ?? hostNowMs())
  })
}

function ending(job: Job, answer: Answer): Ending {
  const { receivedAtMs, startedAtMs = 0, loadedAtMs = 0, decodingAtMs = 0, endedAtMs = 0 } = job
  return {
    doneReason: answer.doneReason,
    totalMs: endedAtMs - receivedAtMs,
    loadMs: loadedAtMs - startedAtMs + answer.timing.floorMs,
    prefillMs: answer.timing.prefillMs,
    decodeMs: endedAtMs - decodingAtMs,
    promptTokens: answer.promptTokens,
    tokens: answer.tokens,
  }
}

function close(bench: Bench, entry: Entry, outcome: 'done' | 'aborted' | 'failed', atMs: number): void {
  entry.endedAtMs = atMs
  entry.outcome = outcome
  bench.ended(entry)
}

/** As Ollama tells of an error after it began: a line under status 200; before, and where nothing is streamed, status 500. */
function midError(res: ServerResponse, error: string): void {
  if (!res.headersSent) {
    res.statusCode = 500
    res.setHeader('content-type', 'application/json; charset=utf-8')
  }
  res.end(`${JSON.stringify({ error })}\n`)
}

/** A request without a prompt loads the model, or unloads it with `keep_alive: 0`; it is no inference and not in the log. */
function loadOnly({ gpu }: Bench, request: ModelRequest, model: string, res: ServerResponse): void {
  const finish = (reason: 'load' | 'unload') => {
    res.setHeader('content-type', 'application/json; charset=utf-8')
    res.end(bare(request.endpoint, request.model, reason))
  }
  if (request.keepAliveMs === 0) {
    gpu.engine.memory.unload(hostNowMs(), model)
    finish('unload')
    return
  }
  const nothing: Work = { model, keepAliveMs: request.keepAliveMs, floorMs: 0, prefillMs: 0, decodeMs: 0, tokens: 0, marks: [] }
  const job = gpu.submit(nothing, { tokens: () => finish('load') })
  onHangUp(res, () => gpu.end(job))
}

/** Also tells when the client was gone before anybody listened; also after an answer that came to its end. */
function onHangUp(res: ServerResponse, tell: () => void): void {
  if (res.closed) tell()
  else res.on('close', tell)
}

/** What was generated is on the wire before the line is cut: destroyed at once, a busy host would lose the headers with it. */
function cutAfterSent(res: ServerResponse): void {
  if (res.headersSent) res.write('\n', () => res.destroy())
  else res.destroy()
}
