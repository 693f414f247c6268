import type { ServerResponse } from 'node:http'
import type { GpuFaults } from '#contracts/http'
import type { Answer } from './answer.ts'
import type { Job, Work } from './engine.ts'
import { outOfMemory } from './failures.ts'
import { stopsAfter } from './faults.ts'
import { type Gpu, hostNowMs } from './gpu.ts'
import type { Entry } from './inference-log.ts'
import { type Ending, JSON_TYPE, type Lines } from './lines.ts'
import type { ModelRequest } from './requests.ts'
import type { ServerKind } from './server-kind.ts'
import { Wire } from './wire.ts'

/** An answer on its way: from the GPU to the client, with what a switch breaks on it. */

export interface Run {
  bench: { gpu: Gpu; setup: { kind: ServerKind } }
  request: ModelRequest
  lines: Lines
  work: Work
  answer: Answer
  faults: GpuFaults
  entry: Entry
  res: ServerResponse
  /** Told once, when it is over. */
  close(outcome: 'done' | 'aborted' | 'failed', atMs: number): void
}

export function workOf({ model, keepAliveMs }: ModelRequest, { contextTokens, tokens, timing }: Answer, faults: GpuFaults): Work {
  const stop = stopsAfter(faults)?.tokens
  const told = [1, ...(stop === undefined ? [] : [stop]), ...(faults.badJsonAfterTokens === undefined ? [] : [faults.badJsonAfterTokens])]
  const marks = [...new Set(told)].filter(mark => mark < tokens).sort((a, b) => a - b)
  return { model, keepAliveMs, contextTokens, ...timing, tokens, marks }
}

/** Loads the model and says nothing. */
export function nothingOf(model: string, keepAliveMs: number, contextTokens: number): Work {
  return { model, keepAliveMs, contextTokens, floorMs: 0, prefillMs: 0, decodeMs: 0, tokens: 0, marks: [] }
}

export function run({ bench, request, lines, work, answer, faults, entry, res, close }: Run): void {
  const { gpu, setup } = bench
  const wire = new Wire(res, faults.dripBytes)
  const stop = stopsAfter(faults)
  let badJsonAt = faults.badJsonAfterTokens
  let sent = 0
  const write = (text: string) => {
    wire.type(lines.types.stream)
    wire.write(text)
  }
  const show = (tokens: number) => {
    entry.answerTokens = tokens
    if (!request.stream || tokens <= sent) return
    const piece = answer.between(sent, tokens)
    sent = tokens
    // Nobody's buffer grows without bound: an answer is as long as its cap.
    write(lines.chunk(piece))
  }
  /** Ends badly, at this instant. */
  const fail = (job: Job, atMs: number, how: () => void) => {
    gpu.engine.end(atMs, job)
    close('failed', atMs)
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
        write(lines.notJson)
      }
      if (stop !== undefined && tokens >= Math.min(stop.tokens, work.tokens)) {
        if (stop.how === 'hang') gpu.engine.hold(atMs, job)
        else if (stop.how === 'cut') fail(job, atMs, () => wire.cut())
        else fail(job, atMs, () => midError(wire, lines, faults.error ?? outOfMemory(setup.kind)))
      } else if (tokens >= work.tokens) {
        gpu.engine.end(atMs, job)
        close(faults.lastLine === undefined || faults.lastLine === 'no-counts' ? 'done' : 'failed', atMs)
        const piece = request.stream ? { thinking: '', content: '' } : answer.between(0, tokens)
        wire.type(request.stream ? lines.types.stream : lines.types.whole)
        wire.end(lines.last(piece, ending(job, answer), faults.lastLine))
      }
    },
  })
  // Frees the slot at once, whether the answer runs, waits, loads or hangs.
  whenGone(res, () => {
    if (entry.endedAtMs !== undefined) return
    gpu.end(job)
    close('aborted', job.endedAtMs ?? hostNowMs())
  })
}

/** Calls `tell` on a client's end, also one before the call or after the answer. */
export function whenGone(res: ServerResponse, tell: () => void): void {
  if (res.closed) tell()
  else res.on('close', tell)
}

function ending(job: Job, answer: Answer): Ending {
  const { receivedAtMs, decodingAtMs = 0, endedAtMs = 0, loadWaitMs } = job
  return {
    doneReason: answer.doneReason,
    totalMs: endedAtMs - receivedAtMs,
    loadMs: loadWaitMs + answer.timing.floorMs,
    prefillMs: answer.timing.prefillMs,
    decodeMs: endedAtMs - decodingAtMs,
    promptTokens: answer.promptTokens,
    tokens: answer.tokens,
    reasoningTokens: answer.reasoningTokens,
  }
}

/** A late error: a line under status 200; if nothing was streamed, status 500. */
function midError(wire: Wire, lines: Lines, error: string): void {
  if (wire.begun) {
    wire.end(lines.error(error))
    return
  }
  wire.status(500)
  wire.type(JSON_TYPE)
  wire.end(`${lines.refusal(500, error)}\n`)
}
