import type { GpuProfile } from '#contracts/gpu-profiles'
import { GpuFaults, Inference } from '#contracts/http'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { type GpuSim, startGpuSim } from './gpu-sim.ts'

/** For this folder's tests: a simulated GPU in the process, and verbs on it. */

export interface Bench extends AsyncDisposable {
  sim: GpuSim
  /** Posts to the Ollama API; `task` goes into the header. */
  post(path: string, body: object | string, task?: string, signal?: AbortSignal, headers?: Record<string, string>): Promise<Response>
  /** The lines of a streamed chat, parsed; `prompt` may carry a directive. */
  chat(task: string, prompt: string, more?: object): Promise<Line[]>
  /** Parsed by the contract, as the lab does it. */
  log(): Promise<Inference[]>
  control(path: string, init?: RequestInit): Promise<Response>
  faults(faults: GpuFaults): Promise<void>
}

export interface Line {
  message?: { content: string; thinking?: string }
  done?: boolean
  done_reason?: string
  error?: string
  eval_count?: number
  prompt_eval_count?: number
  total_duration?: number
  load_duration?: number
  prompt_eval_duration?: number
  eval_duration?: number
}

interface Given {
  settings?: SettingsInput
  profile?: GpuProfile
  queueMax?: number
}

export async function bench({ settings = {}, ...more }: Given = {}): Promise<Bench> {
  const resolved = resolveSettings({ gpuProfile: 'synthetic-fast', model: 'llama3.1:8b', gpuColdLoad: false, ...settings })
  const sim = await startGpuSim({ name: 'gpu-test', settings: resolved, host: '127.0.0.1', port: 0, controlPort: 0, ...more })
  const post: Bench['post'] = (path, body, task, signal, headers) =>
    fetch(`${sim.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(task === undefined ? {} : { [INFERENCE_HEADERS.task]: task }), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
  const control: Bench['control'] = (path, init) => fetch(`${sim.controlUrl}${path}`, init)
  return {
    sim,
    post,
    control,
    async chat(task, prompt, given = {}) {
      const response = await post('/api/chat', { model: resolved.model, messages: [{ role: 'user', content: prompt }], ...given }, task)
      const lines = (await response.text()).split('\n').filter(line => line !== '')
      return lines.map(line => JSON.parse(line) as Line)
    },
    async log() {
      const answer = (await (await control('/inferences?after=-1')).json()) as { inferences: unknown }
      return Inference.array().parse(answer.inferences)
    },
    async faults(faults) {
      const answer = await control('/faults', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(faults),
      })
      if (!answer.ok) throw new Error(`PUT /faults: ${answer.status} ${await answer.text()}`)
      const back = await answer.json()
      if (Object.keys(faults).every(name => Object.hasOwn(GpuFaults.shape, name))) GpuFaults.parse(back)
    },
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
  }
}

/** All that the user would read. */
export function text(lines: readonly Line[]): string {
  return lines.map(line => line.message?.content ?? '').join('')
}

export function thinking(lines: readonly Line[]): string {
  return lines.map(line => line.message?.thinking ?? '').join('')
}

/** Milliseconds between two stamps of the log. */
export function msBetween(from: string | undefined, to: string | undefined): number {
  return Number(BigInt(to ?? 'missing') - BigInt(from ?? 'missing')) / 1e6
}

/** Waits until `probe` gives a value; a failure shows the last one. */
export async function until<T>(what: string, probe: () => Promise<T | undefined | false>, withinMs = 5_000): Promise<T> {
  const deadline = performance.now() + withinMs
  let seen: T | undefined | false
  do {
    seen = await probe()
    if (seen !== undefined && seen !== false) return seen
    await new Promise(turn => setImmediate(turn)) // Lets what is waited for happen.
  } while (performance.now() < deadline)
  throw new Error(`${what}: not within ${withinMs} ms (last seen: ${JSON.stringify(seen)})`)
}
