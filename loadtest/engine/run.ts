import { availableParallelism } from 'node:os'
import type { HistoryEvent } from '#evidence/history'
import type { Lab } from '#lab'
import type { Tick } from '../generator/messages.ts'
import type { LoadPlan, OnPhase } from '../workload.ts'
import { connectIdle } from './idle.ts'
import { judgeLoad, type LoadResult } from './judge.ts'
import { judgedEvents } from './judged.ts'
import { memoryWatch } from './memory.ts'
import { circumstancesOf, foreignPercent, partUse, usedBetween } from './noise.ts'
import { LoadSession } from './session.ts'
import { type TamperPlan, tampered } from './tamper.ts'

/** Runs a load test: probe until delivery works, warm up, measure, drain, check. */

export interface LoadOptions {
  seed: number
  threads: number
  /** Aborting ends it with what was measured so far. */
  signal: AbortSignal
  tamper?: TamperPlan | undefined
  /** Bot: what counts as good, in milliseconds of the wall. */
  slo: { ttftMs: number; answerMs: number }
  onPhase?: OnPhase
  /** Once a second and thread while it measures. */
  onTick?: (tick: Tick) => void
}

/** @throws as the lab does, and the signal's reason if aborted before any measurement */
export async function runLoad(lab: Lab, plan: LoadPlan, options: LoadOptions): Promise<{ result: LoadResult; events: HistoryEvent[] }> {
  const { seed, threads, signal, tamper, slo, onPhase = () => undefined, onTick = () => undefined } = options
  const startedMs = performance.now()
  // Asked for while everybody is there.
  const versions = await lab.versions()
  onPhase('alone')
  const beforePercent = await foreignPercent(lab, signal)
  let measuring = false
  onPhase('connecting')
  await using session = await LoadSession.start(lab, plan, {
    seed,
    threads,
    signal,
    onTick: tick => {
      if (measuring) onTick(tick)
    },
  })
  onPhase('probing')
  await session.probe()
  const idle = plan.idleConnections === 0 ? undefined : await connectIdle(lab, session, plan, onPhase)
  if (plan.warmUpMs > 0) onPhase('warming-up', plan.warmUpMs)
  await session.warmUp()
  signal.throwIfAborted()
  const before = await partUse(lab)
  onPhase('measuring', plan.forMs)
  measuring = true
  const [cpuBeforeMs, beganMs] = [await session.cpuMs(), performance.now()]
  await using watch = memoryWatch(lab, plan.forMs)
  const fromMs = await session.measure()
  await watch[Symbol.asyncDispose]()
  const cpuMs = (await session.cpuMs()) - cpuBeforeMs
  const machineMs = (performance.now() - beganMs) * availableParallelism()
  const generatorUse = { cpuMs, machinePercent: (100 * cpuMs) / machineMs }
  const busiest = await session.busiestPercent()
  const use = usedBetween(before, await partUse(lab))
  onPhase('draining')
  await session.drain()
  measuring = false
  const idleLeft: Record<string, number> = idle === undefined ? {} : { connectionsOnline: await session.online() }
  const noiseAfter = signal.aborted ? 0 : await foreignPercent(lab, signal)
  onPhase('checking')
  const { events: all, sent } = await session.finish()
  const judged = judgedEvents(all, session.share)
  const events = tamper === undefined ? judged : tampered(judged, tamper)
  const { facts } = session.observation
  const seen = { events, facts, sent, use, fromMs, busiest, generatorUse, ended: await lab.exited() }
  const asked = { plan, share: session.share, seed, slo, threads, idle: idle?.connect, idleMeasures: { ...idle?.measures, ...idleLeft } }
  const result = judgeLoad({ ...seen, ...asked })
  return {
    events,
    result: {
      ...result,
      ...circumstancesOf(lab, startedMs),
      seed,
      versions,
      ...(watch.looks.length === 0 ? {} : { memory: watch.looks }),
      noise: { ...result.noise, beforePercent, afterPercent: noiseAfter },
      ...(tamper === undefined ? {} : { plan: { ...result.plan, tamper } }),
    },
  }
}
