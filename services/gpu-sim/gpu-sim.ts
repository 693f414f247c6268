import type { Registry } from 'prom-client'
import { type GpuProfile, gpuProfile } from '#contracts/gpu-profiles'
import { coldLoadMs } from '#contracts/gpu-timing'
import type { GpuFaults, Readiness } from '#contracts/http'
import { fullModelName } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { counter, createRegistry, gauge } from '../kit/metrics.ts'
import { listen, opsRoutes } from '../kit/ops.ts'
import { contextByDefault } from './answer.ts'
import { controlRoutes } from './control.ts'
import { GpuEngine } from './engine.ts'
import { FaultSwitches } from './faults.ts'
import { Gpu, hostNowMs } from './gpu.ts'
import { type Bench, modelsOf, type Setup } from './inference.ts'
import { InferenceLog } from './inference-log.ts'
import { MainPort } from './main-port.ts'
import { modelApi } from './model-api.ts'
import { KEEP_ALIVE_MS, ModelMemory } from './models.ts'
import { SERVER_KINDS } from './server-kind.ts'

export interface GpuSimOptions {
  name: string
  settings: Settings
  host: string
  /** Of the model APIs; 0 = any. */
  port: number
  controlPort: number
  /** Default: the profile that the settings name. */
  profile?: GpuProfile
  /** See `Setup`. Default 512. */
  queueMax?: number
  /** Switches that are set from the start. */
  faults?: GpuFaults
}

export interface GpuSim extends AsyncDisposable {
  /** Of the model APIs: Ollama's, and OpenAI's below `/v1`. */
  url: string
  /** Of the lab-only port. */
  controlUrl: string
  /** Models that it has. */
  models(): string[]
  /** Since the start, without probes. */
  answered(): { inferences: number; tokens: number }
}

/** A simulated GPU behind Ollama's and OpenAI's API. Throws UnknownGpuProfile. */
export async function startGpuSim({ name, settings, host, port, controlPort, ...options }: GpuSimOptions): Promise<GpuSim> {
  await using stack = new AsyncDisposableStack()
  const { seed, timeScale, gpuColdLoad } = settings
  const profile = options.profile ?? gpuProfile(settings.gpuProfile)
  const model = fullModelName(settings.model)
  const setup: Setup = {
    profile,
    seed,
    timeScale,
    model,
    queueMax: options.queueMax ?? 512,
    kind: SERVER_KINDS[settings.gpuServer],
  }
  const faults = new FaultSwitches()
  faults.replace(options.faults ?? {})
  const loadMs = (wanted: string) => faults.current.loadMs ?? (gpuColdLoad ? coldLoadMs(profile, wanted) / timeScale : 0)
  const memory = new ModelMemory(profile.memoryGiB, loadMs)
  if (!gpuColdLoad) {
    // The lab's model is loaded at the start, until a request's keep_alive ends.
    const nowMs = hostNowMs()
    memory.use(nowMs, model, KEEP_ALIVE_MS, contextByDefault(setup))
    memory.release(nowMs, model)
  }
  const gpu = stack.use(new Gpu(new GpuEngine(profile.slots, profile.batching, memory)))
  const registry = createRegistry(name)
  const answered = { inferences: 0, tokens: 0 }
  const bench: Bench = { setup, gpu, log: new InferenceLog(), faults, ended: measure(registry, gpu, answered) }
  const mainPort = stack.use(new MainPort(modelApi(bench), host, port))
  await mainPort.set(faults.current.down !== true)

  const readiness = (): Readiness => ({ ready: mainPort.listening, missing: mainPort.listening ? [] : ['main port (fault switch `down`)'] })
  const part: Record<string, unknown> = { part: name, port: mainPort.port }
  const app = opsRoutes({ readiness, settings, registry, part })
  const control = stack.use(await listen(controlRoutes(app, { ...bench, coldLoad: gpuColdLoad, mainPort }), host, controlPort))
  part['controlPort'] = control.port
  const disposables = stack.move()
  return {
    url: `http://${host}:${mainPort.port}`,
    controlUrl: `http://${host}:${control.port}`,
    models: () => modelsOf(bench),
    answered: () => ({ ...answered }),
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  }
}

function measure(registry: Registry, { engine }: Gpu, answered: ReturnType<GpuSim['answered']>): Bench['ended'] {
  gauge(registry, 'gpu_slots_in_use', 'Inferences in a slot.', () => engine.running.size)
  gauge(registry, 'gpu_waiting', 'Inferences that wait for a slot.', () => engine.waiting.length)
  const inferences = counter(registry, 'gpu_inferences_total', 'Inferences that ended, by outcome.', ['outcome'])
  const tokens = counter(registry, 'gpu_tokens_total', 'Tokens generated.')
  return entry => {
    if (entry.probe) return
    inferences.inc({ outcome: entry.outcome })
    tokens.inc(entry.answerTokens)
    answered.inferences += 1
    answered.tokens += entry.answerTokens
  }
}
