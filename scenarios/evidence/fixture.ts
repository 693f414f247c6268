import { asPredicted, overtakesNearIdeal, waitNearIdeal } from '#checks/fairness'
import { allAnswered } from '#checks/tasks'
import { slots } from '#checks/workers'
import { type ModelTask, predictSchedule, publishTimesMs, type Schedule, taskIds } from '#predictor'
import { predictedBands } from './bands.ts'
import type { HistoryEvent } from './history.ts'
import { judgeArm, judgeRun, type Role } from './judge.ts'
import { modelHistory } from './mutants/model-history.ts'
import { type ArmDocument, RUN_SCHEMA_VERSION, type RunDocument } from './run-document.ts'
import { measuresOf } from './schedule.ts'

/** A run made by the queue's model, for tests of what renders runs. Pure. */

const CHECKS = [waitNearIdeal(3, 50), overtakesNearIdeal(20), asPredicted, allAnswered, slots]
const SERVICE_MS = [20, 70]
const GAP_MS = 2
const SAMPLE_EVERY_MS = 250

export interface ModelRunOptions {
  /** Default 200. */
  prompts?: number
  /** Of the arm in which the claim must hold. Default 1: it passes; a large one fails. */
  claimPrefetch?: number
  /** Default 2; a large one makes a failure in time unknown. */
  foreignCpuPercent?: number
}

export interface ModelRun {
  run: RunDocument
  histories: Map<string, HistoryEvent[]>
}

export function modelRun({ prompts = 200, claimPrefetch = 1, foreignCpuPercent = 2 }: ModelRunOptions = {}): ModelRun {
  const arms = [
    modelArm('small prefetch', 'claim', claimPrefetch, prompts, foreignCpuPercent),
    modelArm('prefetch 250', 'control', 250, prompts, foreignCpuPercent),
  ]
  const run: RunDocument = {
    schemaVersion: RUN_SCHEMA_VERSION,
    scenario: 'made-up',
    claim: 'With a small prefetch nobody waits much longer than in an ideal schedule.',
    seed: 1,
    size: 'quick',
    runtime: 'native',
    verdict: judgeRun(arms.map(({ document }) => document)),
    startedAt: '2026-11-24T09:20:21.175Z',
    tookMs: 98_000,
    command: 'npm run scenario -- made-up --seed 1 --size quick',
    versions: { lab: '0.1.0', node: 'v24.0.0', broker: 'RabbitMQ 3.10.8', database: 'PostgreSQL 18.4' },
    commit: { id: 'abc1234', dirty: true },
    machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux 6' },
    arms: arms.map(({ document }) => document),
  }
  return { run, histories: new Map(arms.map(({ document, events }) => [document.name, events])) }
}

function modelArm(name: string, role: Role, prefetchTasks: number, prompts: number, foreignCpuPercent: number) {
  const workers = ['worker-fast', 'worker-slow'].map(worker => ({ name: worker, prefetchTasks, slots: 1 }))
  const ids = taskIds(prompts)
  const perSecond = 0.8 * SERVICE_MS.reduce((sum, ms) => sum + 1_000 / ms, 0)
  const publishedMs = publishTimesMs({ kind: 'poisson', perSecond }, ids, 1)
  const tasks = ids.map((id, i): ModelTask => ({ id, publishedMs: publishedMs[i] ?? 0, serviceMs: SERVICE_MS }))
  // As in the bands: with prefetch 1 a worker waits for the round trip, with more it is busy.
  const broker = prefetchTasks === 1 ? { gapMs: GAP_MS } : { occupiedMs: GAP_MS }
  const { events: asModelled, ...facts } = modelHistory(tasks, workers, broker)
  const bands = predictedBands({ tasks, workers, gapMs: GAP_MS, seed: 1, tolerances: { waitP95Ms: [0.05, 10] } })
  const expected = Object.entries(bands).map(([measure, band]): HistoryEvent => ({ kind: 'expected', atMs: 0, measure, ...band }))
  const samples = samplesOf(predictSchedule(tasks, workers, broker), workers)
  const events = [...eventsBefore(role, prefetchTasks, foreignCpuPercent), ...expected, ...asModelled, ...samples]
  const history = { ...facts, events }
  const breaks = role === 'control' ? { breaks: 'wait-near-ideal', mayBreak: ['overtakes-near-ideal'] } : {}
  const judged = judgeArm(history, CHECKS, { name, role, ...breaks })
  const document: ArmDocument = {
    name,
    role,
    verdict: judged.verdict,
    why: judged.why,
    ...breaks,
    ...(role === 'control' ? { because: 'half of the prompts queue up in front of the slow GPU' } : {}),
    set: { workerPrefetchTasks: prefetchTasks },
    partSettings: {},
    parameters: { load: 0.8 },
    gpus: ['fast', 'slow'].map(speed => ({ name: `gpu-${speed}`, profile: `synthetic-${speed}` })),
    timeScale: 5,
    taskQueueType: 'quorum',
    facts,
    checks: judged.checks,
    measures: measuresOf(history),
    predicted: bands,
    foreignCpuPercent: { mean: foreignCpuPercent, worst: foreignCpuPercent },
    events: events.length,
    tookMs: 40_000,
  }
  return { document, events }
}

function eventsBefore(role: Role, prefetchTasks: number, foreignCpuPercent: number): HistoryEvent[] {
  const shown = { part: 'worker-slow', setting: 'workerPrefetchTasks', expected: String(prefetchTasks), seen: String(prefetchTasks) }
  return [
    ...(role === 'control' ? [{ kind: 'setting' as const, atMs: 0, ...shown }] : []),
    { kind: 'noise', atMs: 0, foreignCpuPercent, timerLateP99Ms: 1 },
  ]
}

/** What broker and workers count, sampled as a lab does. */
function samplesOf(schedule: Schedule, workers: readonly { name: string }[]): HistoryEvent[] {
  const lastMs = Math.max(...schedule.map(({ endedMs }) => endedMs))
  return Array.from({ length: Math.ceil(lastMs / SAMPLE_EVERY_MS) }, (_, i) => i * SAMPLE_EVERY_MS).flatMap(atMs => {
    const held = workers.map(({ name }): HistoryEvent => {
      const own = schedule.filter(({ worker, sentMs, endedMs }) => worker === name && sentMs <= atMs && endedMs > atMs)
      return { kind: 'held', atMs, worker: name, held: own.length, running: Math.min(1, own.length) }
    })
    const ready = schedule.filter(({ publishedMs, sentMs }) => publishedMs <= atMs && sentMs > atMs).length
    return [...held, { kind: 'queue', atMs, queue: 'bot.tasks', ready, consumers: 2 }]
  })
}
