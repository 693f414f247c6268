import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GpuFaults } from '#contracts/http'
import { modelProfile } from '#contracts/model-profiles'
import { fullModelName } from '#contracts/model-server'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { type Card, place, planAnswer } from './answer.ts'
import { type Refused, refusal, tooLong } from './failures.ts'
import type { FaultSwitches } from './faults.ts'
import { type Gpu, hostNowMs } from './gpu.ts'
import type { Entry, InferenceLog } from './inference-log.ts'
import { bare, type Lines } from './lines.ts'
import { catalogue } from './models.ts'
import { type ModelRequest, Refusal } from './requests.ts'
import { nothingOf, run, whenGone, workOf } from './run.ts'

/** One request to the model: refused, failed by a switch, or planned and given to the GPU. */

export interface Setup extends Card {
  model: string
  /** Requests that may wait for a model to load; more get 503. OLLAMA_MAX_QUEUE, 512 in Ollama. It
   *  does not bound the wait for a loaded model (ollama#7758); prefetch does. */
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

export function modelsOf({ setup, faults }: Pick<Bench, 'setup' | 'faults'>): string[] {
  const { models, modelMissing } = faults.current
  return modelMissing === true ? [] : (models?.map(fullModelName) ?? catalogue(setup.model))
}

/** The whole name of a model that it has. Throws Refusal 404. */
export function modelNamed(bench: Pick<Bench, 'setup' | 'faults'>, asked: string): string {
  const model = fullModelName(asked)
  if (!modelsOf(bench).includes(model)) throw new Refusal(404, `model '${asked}' not found`)
  return model
}

/** Starts one answer. Throws Refusal before anything is written. */
export function infer(bench: Bench, request: ModelRequest, lines: Lines, req: IncomingMessage, res: ServerResponse): void {
  const asked = { ...request, model: modelNamed(bench, request.model) }
  checkModel(asked, request.model)
  if (asked.prompt === '') {
    load(bench, request, asked, lines, req, res)
    return
  }
  const task = header(req, INFERENCE_HEADERS.task)
  const probe = header(req, INFERENCE_HEADERS.probe) !== ''
  const faults = bench.faults.take(task, asked.prompt)
  const placed = place(bench.setup, asked, faults)
  const answer = planAnswer(bench.setup, asked, task, faults)
  const { promptTokens } = answer
  const entry = bench.log.add({ task, probe, ...headersOf(req), model: asked.model, receivedAtMs: hostNowMs(), promptTokens })
  const close = (outcome: 'done' | 'aborted' | 'failed', atMs: number) => {
    if (entry.endedAtMs !== undefined) return
    entry.endedAtMs = atMs
    entry.outcome = outcome
    bench.ended(entry)
  }
  if (disturbed(bench, faults, { model: request.model, ...placed }, lines, res, outcome => close(outcome, hostNowMs()))) return
  try {
    checkBusy(bench, asked.model, placed.contextTokens)
    if (placed.tooLong && placed.longPrompt === 'refuse') throw new Refusal(400, tooLong(bench.setup.kind, placed))
  } catch (error) {
    close('failed', hostNowMs())
    throw error
  }
  run({ bench, request, lines, work: workOf(asked, answer, faults), answer, faults, entry, res, close })
}

/** Whether a switch takes the place of any answer. */
function disturbed(
  { setup }: Bench,
  faults: GpuFaults,
  refused: Refused,
  lines: Lines,
  res: ServerResponse,
  close: (outcome: 'aborted' | 'failed') => void,
): boolean {
  if (faults.connection === 'silent') {
    whenGone(res, () => close('aborted'))
    return true
  }
  const answer = refusal(faults, setup.kind, refused, lines, Date.now())
  if (faults.connection !== 'reset' && answer === undefined) return false
  close('failed')
  if (answer === undefined) res.socket?.resetAndDestroy()
  else res.writeHead(answer.status, answer.headers).end(answer.body)
  return true
}

/** In the order in which a real server looks. */
function checkModel({ model, prompt, keepAliveMs, think, endpoint }: ModelRequest, asked: string): void {
  if (prompt === '' && keepAliveMs === 0) return
  const { thinking, embedding } = modelProfile(model)
  if (thinking === 'never' && think !== undefined && think !== false) throw new Refusal(400, `"${asked}" does not support thinking`)
  if (embedding) throw new Refusal(400, `"${asked}" does not support ${endpoint}`)
}

function header(req: IncomingMessage, name: string): string {
  const value = req.headers[name]
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

function headersOf(req: IncomingMessage): Pick<Entry, 'attempt' | 'worker' | 'heldMs'> {
  const heldMs = Number.parseFloat(header(req, INFERENCE_HEADERS.held))
  return {
    attempt: Number.parseInt(header(req, INFERENCE_HEADERS.attempt), 10) || 0,
    worker: header(req, INFERENCE_HEADERS.worker),
    ...(heldMs >= 0 && heldMs < Number.POSITIVE_INFINITY ? { heldMs } : {}),
  }
}

function checkBusy({ gpu, setup, faults }: Bench, model: string, contextTokens: number): void {
  const nowMs = hostNowMs()
  const { memory, waiting } = gpu.engine
  if (memory.ready(nowMs, model, contextTokens)) return
  const pending = waiting.filter(({ work }) => !memory.ready(nowMs, work.model, work.contextTokens))
  if (pending.length >= (faults.current.queueMax ?? setup.queueMax))
    throw new Refusal(503, 'server busy, please try again.  maximum pending requests exceeded')
}

/** No prompt: loads the model, or unloads it with `keep_alive: 0`. Not in the log. */
function load(bench: Bench, request: ModelRequest, asked: ModelRequest, lines: Lines, req: IncomingMessage, res: ServerResponse): void {
  const { gpu, setup } = bench
  if (asked.keepAliveMs === 0) {
    gpu.engine.memory.unload(hostNowMs(), asked.model)
    finish(res, request, 'unload')
    return
  }
  const faults = bench.faults.take(header(req, INFERENCE_HEADERS.task), '', false)
  const placed = place(setup, asked, faults)
  if (disturbed(bench, faults, { model: request.model, ...placed }, lines, res, () => undefined)) return
  checkBusy(bench, asked.model, placed.contextTokens)
  const job = gpu.submit(nothingOf(asked.model, asked.keepAliveMs, placed.contextTokens), { tokens: () => finish(res, request, 'load') })
  whenGone(res, () => gpu.end(job))
}

function finish(res: ServerResponse, request: ModelRequest, reason: 'load' | 'unload'): void {
  res.setHeader('content-type', 'application/json; charset=utf-8')
  res.end(bare(request.endpoint, request.model, reason))
}
